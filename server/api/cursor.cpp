#include "server/api/cursor.hpp"

#include "common/crypto/encoding.hpp"

namespace genq::api {

namespace {

constexpr char version = 1;

// FNV-1a, 32 bits: enough against typing and cutting.
std::uint32_t checksum(std::string_view bytes) {
    std::uint32_t hash = 2166136261U;
    for (const char c : bytes) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 16777619U;
    }
    return hash;
}

template <class Unsigned>
void append_big_endian(std::string& out, Unsigned number) {
    for (std::size_t i = sizeof(Unsigned); i-- > 0;) out += static_cast<char>((number >> (8 * i)) & 0xFFU);
}

}  // namespace

std::string to_cursor(std::int64_t row) {
    std::string bytes(1, version);
    append_big_endian(bytes, static_cast<std::uint64_t>(row));
    append_big_endian(bytes, checksum(bytes));
    return crypto::to_base64url(crypto::bytes_of(bytes));
}

std::optional<std::int64_t> from_cursor(std::string_view text) {
    constexpr std::size_t size = 1 + 8 + 4;
    if (text.size() > 2 * size) return std::nullopt;
    const auto bytes = crypto::from_base64url(text);
    if (!bytes || bytes->size() != size || bytes->front() != version) return std::nullopt;
    std::uint64_t row = 0;
    for (std::size_t i = 1; i <= 8; ++i) row = (row << 8U) | static_cast<unsigned char>((*bytes)[i]);
    if (row == 0 || row > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
    const auto number = static_cast<std::int64_t>(row);
    if (to_cursor(number) != text) return std::nullopt;
    return number;
}

}  // namespace genq::api
