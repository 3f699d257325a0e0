#include "server/upstream/uploads.hpp"

#include <boost/json/serialize.hpp>

#include "common/crypto/encoding.hpp"
#include "server/upstream/fields.hpp"
#include "server/upstream/outcome.hpp"

namespace genq::upstream {

namespace json = boost::json;

namespace {

constexpr std::uint64_t small_file = 256ULL << 10U;   // base64 makes a third more of it, and one request
constexpr std::uint64_t most_base64 = 10ULL << 20U;   // recommended at most (file-base64-upload)
constexpr std::uint64_t most_by_url = 100ULL << 20U;  // file-url-upload
constexpr std::string_view folder = "genqd";

bool is_gone(int code) {
    return code == 404 || code == 405;
}

bool is_wrong_way(int code) {
    return is_gone(code) || code == 413;
}

std::string url_in(const json::object& data) {
    for (const char* name : {"downloadUrl", "fileUrl"}) {
        auto url = text_or_empty(find(data, name));
        if (url.starts_with("http://") || url.starts_with("https://")) return url;
    }
    return {};
}

}  // namespace

std::string_view to_string(UploadWay way) {
    switch (way) {
        case UploadWay::stream:
            return "stream";
        case UploadWay::base64:
            return "base64";
        case UploadWay::url:
            return "url";
        case UploadWay::guide_base64:
            return "guide_base64";
        case UploadWay::guide_url:
            return "guide_url";
    }
    return "";
}

bool is_on_api_host(UploadWay way) {
    return way == UploadWay::guide_base64 || way == UploadWay::guide_url;
}

std::string_view path_of(UploadWay way) {
    switch (way) {
        case UploadWay::stream:
            return "/api/file-stream-upload";
        case UploadWay::base64:
            return "/api/file-base64-upload";
        case UploadWay::url:
            return "/api/file-url-upload";
        case UploadWay::guide_base64:
            return "/api/v1/uploads/base64";
        case UploadWay::guide_url:
            return "/api/v1/uploads/url";
    }
    return "";
}

std::vector<UploadWay> ways_for(std::uint64_t bytes, bool reachable) {
    std::vector<UploadWay> ways;
    if (bytes <= small_file) ways.push_back(UploadWay::base64);
    ways.push_back(UploadWay::stream);
    if (bytes > small_file && bytes <= most_base64) ways.push_back(UploadWay::base64);
    if (reachable && bytes <= most_by_url) ways.push_back(UploadWay::url);
    if (bytes <= most_base64) ways.push_back(UploadWay::guide_base64);
    if (reachable && bytes <= most_by_url) ways.push_back(UploadWay::guide_url);
    return ways;
}

std::string upload_body(UploadWay way, const UploadFile& file, std::string_view content) {
    const auto encoded = [&content] { return crypto::to_base64(crypto::bytes_of(content)); };
    switch (way) {
        case UploadWay::base64:
            return json::serialize(json::object{{"base64Data", "data:" + file.media_type + ";base64," + encoded()},
                                                {"uploadPath", folder},
                                                {"fileName", file.name}});
        case UploadWay::url:
            return json::serialize(json::object{{"fileUrl", content}, {"uploadPath", folder}, {"fileName", file.name}});
        case UploadWay::guide_base64:
            return json::serialize(json::object{{"base64", encoded()}, {"fileName", file.name}});
        case UploadWay::guide_url:
            return json::serialize(json::object{{"url", content}});
        case UploadWay::stream:
            break;
    }
    return {};
}

MultipartFrame multipart_frame(const UploadFile& file, std::string_view boundary) {
    MultipartFrame frame;
    frame.content_type = "multipart/form-data; boundary=" + std::string(boundary);
    const auto field = [&boundary](std::string_view name, std::string_view value) {
        return "--" + std::string(boundary) + "\r\nContent-Disposition: form-data; name=\"" + std::string(name) +
               "\"\r\n\r\n" + std::string(value) + "\r\n";
    };
    frame.before = field("uploadPath", folder) + field("fileName", file.name) + "--" + std::string(boundary) +
                   "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + file.name +
                   "\"\r\nContent-Type: " + file.media_type + "\r\n\r\n";
    frame.after = "\r\n--" + std::string(boundary) + "--\r\n";
    return frame;
}

UploadOutcome classify_upload(const http::Exchange& exchange) {
    using enum UploadOutcome::Verdict;
    if (!exchange.answer) return {.verdict = later, .message = exchange.answer.error().detail};
    const auto envelope = read_envelope(*exchange.answer);
    if (!envelope) {
        const int status = exchange.answer->status;
        return {.verdict = is_wrong_way(status) ? other_way : later,
                .message = "HTTP " + std::to_string(status) + " without kie.ai's body",
                .gone = is_gone(status)};
    }
    UploadOutcome outcome{.verdict = later, .message = envelope->message, .answered = true};
    const int code = envelope->deciding_code();
    if (envelope->ok()) {
        outcome.url = url_in(object_of(&envelope->data));
        if (!outcome.url.empty()) {
            outcome.verdict = stored;
        } else {
            outcome.message = "kie.ai's answer to the upload names no URL";
        }
    } else if (code == 401 || code == 403) {
        outcome.verdict = auth;
    } else if (code == 429 || code == 430) {
        outcome.verdict = rate_limited;
        outcome.answered = false;
    } else if (code == 402 || code == 408 || code == 433 || code == 455) {
        // The account's or kie.ai's own trouble, and not the file's.
        outcome.answered = false;
    } else if (is_wrong_way(code)) {
        outcome.verdict = other_way;
        outcome.gone = is_gone(code);
    } else if (code >= 400 && code < 500) {
        outcome.verdict = refused;
    }
    return outcome;
}

}  // namespace genq::upstream
