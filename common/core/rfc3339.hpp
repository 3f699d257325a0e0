#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "common/core/clock.hpp"
#include "common/core/error.hpp"

namespace genq {

/// `2026-11-22T19:00:00.000Z`: UTC, always with milliseconds (RFC 3339).
[[nodiscard]] std::string to_rfc3339(WallTime time);
[[nodiscard]] inline std::optional<std::string> to_rfc3339(const std::optional<WallTime>& time) {
    return time ? std::optional(to_rfc3339(*time)) : std::nullopt;
}

/// Reads any RFC 3339 time: `T` or `t` or a space, fractions of any length (cut to milliseconds), `Z` or an offset.
/// errc::invalid_argument for anything else, years outside 1970–9999 included.
[[nodiscard]] Result<WallTime> from_rfc3339(std::string_view text);

/// `Sun, 22 Nov 2026 19:00:00 GMT` (RFC 9110 §5.6.7), for Date and Last-Modified.
[[nodiscard]] std::string to_http_date(WallTime time);

/// Milliseconds since the Unix epoch: how times are stored.
[[nodiscard]] constexpr std::int64_t to_ms(WallTime time) {
    return time.time_since_epoch().count();
}
[[nodiscard]] constexpr std::optional<std::int64_t> to_ms(const std::optional<WallTime>& time) {
    return time ? std::optional(to_ms(*time)) : std::nullopt;
}
[[nodiscard]] constexpr WallTime from_ms(std::int64_t ms) {
    return WallTime(std::chrono::milliseconds(ms));
}

}  // namespace genq
