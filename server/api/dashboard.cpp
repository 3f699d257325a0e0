#include <algorithm>
#include <array>

#include "common/http/conditional.hpp"
#include "server/api/handlers.hpp"
#include "server/api/problem.hpp"
#include "server/api/request_context.hpp"
#include "server/dashboard/assets.hpp"

namespace genq::api {

namespace {

// Scripts, styles and data from this origin only, nothing inline; what a form sends goes through the script.
constexpr std::string_view page_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "connect-src 'self'; font-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

std::string_view type_of(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> types{
        {{".html", "text/html; charset=utf-8"},
         {".js", "text/javascript; charset=utf-8"},
         {".css", "text/css; charset=utf-8"},
         {".svg", "image/svg+xml"}}};
    for (const auto& [ending, type] : types) {
        if (name.ends_with(ending)) return type;
    }
    return "application/octet-stream";
}

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

http::Response asset_answer(const Context& context, std::string_view name) {
    const auto assets = dashboard::assets();
    const auto asset = std::ranges::find(assets, name, &dashboard::Asset::name);
    if (asset == assets.end()) return to_response(not_found("the dashboard has no such file"));
    const bool is_packed = accepts_gzip(joined(context.request.headers, "Accept-Encoding"));
    // Two representations, two tags (RFC 9110 §8.8.3.3).
    const std::string etag = "\"" + std::string(asset->sha256) + (is_packed ? "-gzip\"" : "\"");
    const bool is_versioned =
        std::ranges::find(context.parameters, std::pair(std::string("v"), std::string(dashboard::assets_version()))) !=
        context.parameters.end();
    http::Response response{
        .status = 200,
        .headers = {{"Content-Type", std::string(type_of(name))},
                    {"ETag", etag},
                    {"Vary", "Accept-Encoding"},
                    {"Cache-Control", is_versioned ? "public, max-age=31536000, immutable" : "no-cache"},
                    {"Content-Security-Policy", std::string(page_policy)},
                    {"X-Content-Type-Options", "nosniff"},
                    {"Referrer-Policy", "no-referrer"}}};
    if (http::none_match_names(joined(context.request.headers, "If-None-Match"), etag)) {
        response.status = 304;
        return response;
    }
    if (is_packed) response.headers.set("Content-Encoding", "gzip");
    response.body = std::string(is_packed ? asset->gzip : asset->plain);
    return response;
}

}  // namespace

Answer dashboard_page(Core&, Context& context) {
    co_return asset_answer(context, "index.html");
}

Answer reference_page(Core&, Context& context) {
    co_return asset_answer(context, "reference.html");
}

Answer dashboard_asset(Core&, Context& context) {
    co_return asset_answer(context, context.captures.at(0));
}

}  // namespace genq::api
