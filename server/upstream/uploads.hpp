#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/http/transport.hpp"

/// kie.ai's file uploads (file-upload-api pages), and the two of the older guide. Pure.
namespace genq::upstream {

/// Where an upload goes. The pages' endpoints live on a host of their own; the guide's on the API's, where each request
/// counts against the limit.
enum class UploadWay { stream, base64, url, guide_base64, guide_url };
[[nodiscard]] std::string_view to_string(UploadWay way);
/// True for the API's host.
[[nodiscard]] bool is_on_api_host(UploadWay way);
[[nodiscard]] std::string_view path_of(UploadWay way);

struct UploadFile {
    std::string name;  // one that nobody else's file has: the same name in the same folder overwrites
    std::string media_type;
    std::uint64_t bytes = 0;
};

/// What may take a file of that size, the best first. `reachable`: kie.ai can fetch it from us by a URL.
[[nodiscard]] std::vector<UploadWay> ways_for(std::uint64_t bytes, bool reachable);

/// The JSON body of base64 and URL uploads; `content` is the file's bytes or its URL.
[[nodiscard]] std::string upload_body(UploadWay way, const UploadFile& file, std::string_view content);

/// A multipart/form-data body (RFC 7578) around the file's bytes.
struct MultipartFrame {
    std::string content_type;
    std::string before;
    std::string after;
};
/// `boundary`: letters and digits that the file does not hold, by chance.
[[nodiscard]] MultipartFrame multipart_frame(const UploadFile& file, std::string_view boundary);

struct UploadOutcome {
    enum class Verdict {
        stored,        // `url` is kie.ai's copy
        other_way,     // this endpoint is gone, or does not take such a file
        auth,          // the key is refused
        rate_limited,  // of the API's host
        refused,       // the file itself, for good
        later,         // no answer, or an error of kie.ai's or the account's
    };
    Verdict verdict{};
    std::string url{};      // never logged
    std::string message{};  // kie.ai's words
    bool answered = false;  // kie.ai spoke: counts as a try
    bool gone = false;      // with other_way: there is no such endpoint
};
/// What an upload's answer proves; a file that was stored twice does no harm, so nothing here is unknown.
[[nodiscard]] UploadOutcome classify_upload(const http::Exchange& exchange);

}  // namespace genq::upstream
