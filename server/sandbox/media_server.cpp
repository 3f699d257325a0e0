#include "server/sandbox/media_server.hpp"

#include <fmt/format.h>

#include <charconv>

#include "common/core/rfc3339.hpp"
#include "common/crypto/hmac.hpp"
#include "common/crypto/sha256.hpp"
#include "common/http/conditional.hpp"
#include "common/http/range.hpp"

namespace genq::sandbox {
namespace {

http::Response plain(int status, std::string text) {
    http::Response response;
    response.status = status;
    response.headers.set("Content-Type", "text/plain");
    response.body = std::move(text);
    return response;
}

http::Response serve_bytes(const http::Request& request, std::string bytes, std::string_view type) {
    const auto etag = '"' + crypto::sha256_hex(bytes).substr(0, 32) + '"';
    http::Response response;
    response.headers.set("ETag", etag);
    response.headers.set("Accept-Ranges", "bytes");
    response.headers.set("Content-Type", std::string(type));
    if (http::none_match_names(request.headers.get("If-None-Match"), etag)) {
        response.status = 304;
        return response;
    }
    const bool may_cut = http::if_range_holds(request.headers.get("If-Range"), etag);
    const auto range = http::parse_range(may_cut ? request.headers.get("Range") : "", bytes.size());
    switch (range.kind) {
        case http::Range::Kind::whole:
            break;
        case http::Range::Kind::part:
            response.status = 206;
            response.headers.set("Content-Range", http::content_range(range, bytes.size()));
            bytes = bytes.substr(range.first, range.length());
            break;
        case http::Range::Kind::unsatisfiable:
            response.status = 416;
            response.headers.set("Content-Range", http::content_range_unsatisfied(bytes.size()));
            bytes.clear();
            break;
    }
    response.body = std::move(bytes);
    return response;
}

bool signature_holds(const Workshop& shop, std::string_view path, const http::Target& target, Moment now) {
    const auto expiry = target.find("exp").value_or("");
    std::int64_t expires = 0;
    const auto [end, error] = std::from_chars(expiry.data(), expiry.data() + expiry.size(), expires);
    if (error != std::errc{} || end != expiry.data() + expiry.size()) return false;
    return expires > to_ms(now.wall) &&
           crypto::constant_time_equal(shop.signature(path, expires), target.find("sig").value_or(""));
}

}  // namespace

std::optional<MediaPlace> media_place(std::string_view url) {
    constexpr std::string_view prefix = "/media/";
    const auto start = url.find(prefix);
    if (start == std::string_view::npos) return std::nullopt;
    auto rest = url.substr(start + prefix.size());
    rest = rest.substr(0, rest.find('?'));
    const auto slash = rest.find('/');
    const auto dot = rest.find('.');
    if (slash == std::string_view::npos || dot == std::string_view::npos || dot < slash) return std::nullopt;
    MediaPlace place{std::string(rest.substr(0, slash)), 0};
    const auto digits = rest.substr(slash + 1, dot - slash - 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), place.index);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return place;
}

http::Response serve_media(Workshop& shop, const http::Request& request, const http::Target& target, Moment now) {
    const auto path = request.target.substr(0, request.target.find('?'));
    const auto place = media_place(path);
    const auto* task = place ? shop.find(place->task) : nullptr;
    if (task == nullptr || place->index >= task->files.size()) return plain(404, "no such file\n");
    const auto kind = task->files[place->index];
    if (path != fmt::format("/media/{}/{}.{}", task->id, place->index, extension(kind))) {
        return plain(404, "no such file\n");
    }
    const auto fault = shop.faults().take(FaultStage::media, {path, task->model, task->family});
    const bool expired = fault && fault->action == FaultAction::expired;
    if (expired || !signature_holds(shop, path, target, now)) return plain(403, "this link has expired\n");

    auto response = serve_bytes(request, make_media(kind, label_for(task->prompt, static_cast<int>(place->index))),
                                content_type(kind));
    if (fault && fault->action == FaultAction::truncate) {
        response.cut_after = std::get<std::string>(response.body).size() / 2;
    }
    return response;
}

http::Response serve_upload(Workshop& shop, const http::Request& request, const http::Target& target, Moment now) {
    std::string path;
    for (std::size_t i = 1; i < target.segments.size(); ++i) path += (i > 1 ? "/" : "") + target.segments[i];
    const auto* file = shop.uploads().find(path, now.steady);
    if (file == nullptr) return plain(404, "no such file\n");
    return serve_bytes(request, file->bytes, file->content_type);
}

}  // namespace genq::sandbox
