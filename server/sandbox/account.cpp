#include <fmt/format.h>

#include <array>
#include <cmath>

#include "common/core/rfc3339.hpp"
#include "server/sandbox/families.hpp"
#include "server/sandbox/media_server.hpp"

// The balance and download links (docs.kie.ai, common-api/*).
namespace genq::sandbox {
namespace {

namespace json = boost::json;

Answer<json::value> credits(Workshop& shop, Call& call) {
    const double balance = shop.balance(call.now.steady);
    // Whole numbers are documented, fractions have been seen.
    if (balance == std::floor(balance)) return json::value(static_cast<std::int64_t>(balance));
    return json::value(balance);
}

// Only for links that were given out here; good for twenty minutes.
Answer<json::value> download_url(Workshop& shop, Call& call) {
    if (auto there = require(call.body, {"url"}); !there) return std::unexpected(there.error());
    const auto place = media_place(text_at(call.body, "url"));
    const auto* task = place ? shop.find(place->task) : nullptr;
    if (task == nullptr || place->index >= task->files.size()) {
        return refuse(422, "The url is not one that was generated here");
    }
    const auto path = fmt::format("/media/{}/{}.{}", task->id, place->index, extension(task->files[place->index]));
    const auto expires = to_ms(call.now.wall + shop.scaled(20 * 60));
    return json::value(fmt::format("{}{}?exp={}&sig={}", call.origin, path, expires, shop.signature(path, expires)));
}

constexpr std::array routes{
    Route{"GET", "/api/v1/chat/credit", "account", Variant::both, false,
          [](Workshop& shop, Call& call) { return envelope(credits(shop, call)); }},
    Route{"POST", "/api/v1/common/download-url", "account", Variant::both, false,
          [](Workshop& shop, Call& call) { return envelope(download_url(shop, call)); }},
};

}  // namespace

std::span<const Route> account_routes() {
    return routes;
}

}  // namespace genq::sandbox
