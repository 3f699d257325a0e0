#include "server/api/signed_url.hpp"

#include <charconv>

#include "common/core/rfc3339.hpp"
#include "common/crypto/encoding.hpp"
#include "common/crypto/hmac.hpp"
#include "common/http/url.hpp"

namespace genq::api {

namespace {

std::string signature(std::string_view key, std::string_view path, std::string_view exp) {
    const std::string text = std::string(path) + "\n" + std::string(exp);
    return crypto::to_base64url(crypto::hmac_sha256(key, text));
}

std::string_view without_slash(std::string_view base) {
    while (base.ends_with('/')) base.remove_suffix(1);
    return base;
}

// What follows the daemon's own base in a URL, with its slash; "" if the URL is not below it.
std::string_view behind_base(std::string_view public_url, std::string_view url) {
    const auto base = without_slash(public_url);
    if (!base.empty()) return url.starts_with(base) ? url.substr(base.size()) : std::string_view();
    const auto scheme = url.find("://");
    if (scheme == std::string_view::npos) return {};
    const auto path = url.find('/', scheme + 3);
    return path == std::string_view::npos ? std::string_view() : url.substr(path);
}

}  // namespace

std::string blob_path(const Digest& digest, std::string_view name) {
    return "/v1/blobs/" + digest.hex() + "/" + http::percent_encode(name);
}

std::string UrlSigner::operator()(const Digest& digest, std::string_view name) const {
    const std::string path = blob_path(digest, name.empty() ? "file" : name);
    const std::string exp = std::to_string(to_ms(expires) / 1000);
    return base + path + "?exp=" + exp + "&sig=" + signature(keys.keys.front(), path, exp);
}

bool signature_holds(const UrlKeys& keys, std::string_view path, std::string_view exp, std::string_view sig) {
    bool holds = false;
    // All keys are tried, so that the time tells nothing.
    for (const auto& key : keys.keys) {
        if (crypto::constant_time_equal(signature(key, path, exp), sig)) holds = true;
    }
    return holds;
}

std::optional<WallTime> read_expiry(std::string_view exp) {
    constexpr std::int64_t latest = 253'402'300'799;  // the end of the year 9999
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(exp.data(), exp.data() + exp.size(), seconds);
    if (error != std::errc{} || end != exp.data() + exp.size() || seconds < 0 || seconds > latest) return std::nullopt;
    return from_ms(seconds * 1000);
}

std::optional<OwnUrl> read_own_url(const UrlKeys& keys, std::string_view public_url, std::string_view url) {
    const auto target = http::split_target(behind_base(public_url, url));
    if (!target || target->segments.size() != 4) return std::nullopt;
    const auto& segments = target->segments;
    const auto digest = Digest::parse(segments[2]);
    if (segments[0] != "v1" || segments[1] != "blobs" || !digest || segments[3].empty()) return std::nullopt;
    const auto exp = target->find("exp");
    const auto sig = target->find("sig");
    if (!exp || !sig) return std::nullopt;
    const auto expires = read_expiry(*exp);
    if (!expires || !signature_holds(keys, blob_path(*digest, segments[3]), *exp, *sig)) return std::nullopt;
    return OwnUrl{*digest, segments[3], *expires};
}

std::string own_base(std::string_view public_url, std::string_view host, bool tls) {
    if (!public_url.empty()) return std::string(without_slash(public_url));
    return (tls ? "https://" : "http://") + std::string(host.empty() ? "localhost" : host);
}

}  // namespace genq::api
