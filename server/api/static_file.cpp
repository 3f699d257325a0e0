#include "server/api/static_file.hpp"

#include <algorithm>

#include "common/http/conditional.hpp"

namespace genq::api {

namespace {

// RFC 9110 §12.5.3, as far as browsers use it: gzip is named, and not with `q=0`.
bool accepts_gzip(std::string_view codings) {
    while (!codings.empty()) {
        const auto end = std::min(codings.find(','), codings.size());
        auto coding = codings.substr(0, end);
        codings.remove_prefix(std::min(end + 1, codings.size()));
        coding.remove_prefix(std::min(coding.find_first_not_of(" \t"), coding.size()));
        const auto name = coding.substr(0, coding.find_first_of("; \t"));
        if (name != "gzip" && name != "*") continue;
        const auto weight = coding.find("q=");
        return weight == std::string_view::npos || coding.find_first_of("123456789", weight) != std::string_view::npos;
    }
    return false;
}

}  // namespace

http::Response static_answer(const Context& context, const StaticFile& file, http::Fields headers) {
    const bool is_packed = accepts_gzip(joined(context.request.headers, "Accept-Encoding"));
    // Two representations, two tags (RFC 9110 §8.8.3.3).
    const std::string etag = "\"" + std::string(file.sha256) + (is_packed ? "-gzip\"" : "\"");
    http::Response response{.status = 200, .headers = std::move(headers), .body = {}};
    response.headers.set("ETag", etag);
    response.headers.set("Vary", "Accept-Encoding");
    if (http::none_match_names(joined(context.request.headers, "If-None-Match"), etag)) {
        response.status = 304;
        return response;
    }
    if (is_packed) response.headers.set("Content-Encoding", "gzip");
    response.body = std::string(is_packed ? file.gzip : file.plain);
    return response;
}

}  // namespace genq::api
