#include "server/sandbox/callbacks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <cmath>

#include "common/core/rfc3339.hpp"
#include "common/crypto/encoding.hpp"
#include "common/crypto/hmac.hpp"

namespace genq::sandbox {

std::string callback_target(const std::string& url) {
    const auto parsed = http::parse_url(url);
    if (!parsed) return "";
    const auto& host = parsed->host;
    for (const std::string_view name : {"example.com", "example.org", "example.net"}) {
        if (host == name || host.ends_with("." + std::string(name))) return "";
    }
    constexpr std::array<std::string_view, 3> reserved{".example", ".invalid", ".test"};
    if (std::ranges::any_of(reserved, [&host](auto end) { return host.ends_with(end); })) return "";
    return url;
}

std::vector<CallbackStep> callback_steps(const Task& task) {
    if (task.callback_url.empty() || task.fate == Fate::stuck) return {};
    std::vector<CallbackStep> steps;
    if (task.family == "suno" && task.operation != "lyrics" && task.fate == Fate::success) {
        const auto part = [&task](double share) {
            return task.created.steady + std::chrono::milliseconds(std::llround(
                                             std::ceil(static_cast<double>(task.duration.count()) * share)));
        };
        steps.push_back({part(1.0 / 3), CallbackPoint::text});
        steps.push_back({part(2.0 / 3), CallbackPoint::first});
    }
    steps.push_back({task.ends(), CallbackPoint::end});
    return steps;
}

http::ClientRequest callback_request(Workshop& shop, const Task& task, CallbackPoint point, Moment now,
                                     const std::string& origin) {
    const http::Request no_request;
    const http::Target no_target;
    const boost::json::object no_body;
    const Call call{no_request, no_target, "", no_body, now, origin, nullptr, {}, ""};
    http::ClientRequest request;
    request.method = "POST";
    request.url = task.callback_url;
    request.body = boost::json::serialize(family_table(task)->callback(shop, task, call, point));
    request.headers.set("Content-Type", "application/json");
    request.headers.set("User-Agent", "genqd-sandbox");
    if (const auto& key = shop.options().hmac_key; !key.empty()) {
        const auto seconds = std::to_string(to_ms(now.wall) / 1000);
        request.headers.set("X-Webhook-Timestamp", seconds);
        request.headers.set("X-Webhook-Signature",
                            crypto::to_base64(crypto::hmac_sha256(key, task.id + "." + seconds)));
    }
    return request;
}

}  // namespace genq::sandbox
