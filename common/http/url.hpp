#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/core/error.hpp"

namespace genq::http {

/// An absolute http or https URL in its parts.
struct Url {
    std::string scheme;  ///< "http" or "https"
    std::string host;    ///< lower case; an IPv6 address stands without its brackets
    std::uint16_t port = 0;
    std::string target;  ///< path and query as sent in a request, at least "/"; without the fragment

    [[nodiscard]] bool tls() const { return scheme == "https"; }
    /// `host` or `host:port` when the port is not the scheme's own: the value of the Host header.
    [[nodiscard]] std::string authority() const;
    /// `scheme://host[:port]`, what connections are pooled by.
    [[nodiscard]] std::string origin() const;
};

/// errc::invalid_argument for what is no absolute http(s) URL, or has user information, no host or port 0. The detail
/// does not repeat the URL, whose query may hold a secret.
[[nodiscard]] Result<Url> parse_url(std::string_view text);

/// The absolute URL that `reference` (a Location header) means when it stands in an answer from `base` (RFC 3986 §5).
[[nodiscard]] Result<std::string> resolve_reference(std::string_view base, std::string_view reference);

/// Encodes all but unreserved characters (RFC 3986 §2.3): fit for one query value or one path segment.
[[nodiscard]] std::string percent_encode(std::string_view text);

/// Decodes %XX, and `+` as a space if asked. errc::invalid_argument for a broken sequence or a NUL.
[[nodiscard]] Result<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

/// A request target in its parts.
struct Target {
    /// The path's segments, cut at its slashes as sent and then decoded, so that `%2F` stays inside one; without dot
    /// segments. "/" has none; "/a/" has "a" and "".
    std::vector<std::string> segments;
    /// Name and value, decoded, in the order sent; `+` and `%20` are a space.
    std::vector<std::pair<std::string, std::string>> query;

    /// The first value of that name.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
};

/// Takes origin-form ("/v1/jobs?limit=5") and absolute-form (RFC 9112 §3.2). errc::invalid_argument for anything else,
/// `*` included, and for broken percent-encoding.
[[nodiscard]] Result<Target> split_target(std::string_view target);

}  // namespace genq::http
