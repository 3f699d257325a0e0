#include <algorithm>
#include <array>

#include "server/api/handlers.hpp"
#include "server/api/problem.hpp"
#include "server/api/request_context.hpp"
#include "server/api/static_file.hpp"
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

http::Response asset_answer(const Context& context, std::string_view name) {
    const auto assets = dashboard::assets();
    const auto asset = std::ranges::find(assets, name, &dashboard::Asset::name);
    if (asset == assets.end()) return to_response(not_found("the dashboard has no such file"));
    const bool is_versioned =
        std::ranges::find(context.parameters, std::pair(std::string("v"), std::string(dashboard::assets_version()))) !=
        context.parameters.end();
    return static_answer(context, {asset->sha256, asset->plain, asset->gzip},
                         {{"Content-Type", std::string(type_of(name))},
                          {"Cache-Control", is_versioned ? "public, max-age=31536000, immutable" : "no-cache"},
                          {"Content-Security-Policy", std::string(page_policy)},
                          {"X-Content-Type-Options", "nosniff"},
                          {"Referrer-Policy", "no-referrer"}});
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
