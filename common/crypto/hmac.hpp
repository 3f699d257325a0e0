#pragma once
#include <string_view>

#include "common/crypto/sha256.hpp"

namespace genq::crypto {

/// HMAC-SHA256 (RFC 2104).
[[nodiscard]] Sha256Digest hmac_sha256(std::string_view key, std::string_view text);

/// Compares two secrets in a time that depends on their lengths only.
[[nodiscard]] bool constant_time_equal(std::string_view a, std::string_view b);

}  // namespace genq::crypto
