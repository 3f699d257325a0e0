#include "server/domain/ids.hpp"

#include <algorithm>

namespace genq {

std::optional<JobId> JobId::parse(std::string_view text) {
    Ulid ulid;
    if (!Ulid::parse(text, ulid)) return std::nullopt;
    return JobId(ulid);
}

std::optional<Digest> Digest::parse(std::string_view hex) {
    constexpr std::size_t sha256_hex_digits = 64;
    if (hex.size() != sha256_hex_digits) return std::nullopt;
    const bool all_hex =
        std::ranges::all_of(hex, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
    if (!all_hex) return std::nullopt;
    Digest digest;
    digest.hex_ = hex;
    return digest;
}

}  // namespace genq
