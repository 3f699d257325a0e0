#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "common/core/error.hpp"

namespace genq::crypto {

/// Lower-case hex digits, two a byte.
[[nodiscard]] std::string to_hex(std::span<const std::byte> bytes);
/// Reads hex digits of either case. errc::invalid_argument for an odd number of them or anything else.
[[nodiscard]] Result<std::string> from_hex(std::string_view text);

/// Base64 with padding (RFC 4648 §4).
[[nodiscard]] std::string to_base64(std::span<const std::byte> bytes);
/// Strict: padding is demanded, spare bits are zero, no white space. errc::invalid_argument else.
[[nodiscard]] Result<std::string> from_base64(std::string_view text);

/// Base64 for URLs, without padding (RFC 4648 §5).
[[nodiscard]] std::string to_base64url(std::span<const std::byte> bytes);
/// Strict: no padding, spare bits are zero, no white space. errc::invalid_argument else.
[[nodiscard]] Result<std::string> from_base64url(std::string_view text);

/// Text as bytes, for the functions above.
[[nodiscard]] inline std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

}  // namespace genq::crypto
