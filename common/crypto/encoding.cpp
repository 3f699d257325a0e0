#include "common/crypto/encoding.hpp"

#include <algorithm>
#include <cstdint>

namespace genq::crypto {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view base64url_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string encode(std::span<const std::byte> bytes, std::string_view alphabet, bool padded) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k)
            group = group << 8 | (k < count ? std::to_integer<std::uint32_t>(bytes[i + k]) : 0);
        for (std::size_t k = 0; k <= count; ++k) out += alphabet[group >> (18 - 6 * k) & 63];
        if (padded) out.append(3 - count, '=');
    }
    return out;
}

/// `text` without padding.
Result<std::string> decode(std::string_view text, std::string_view alphabet) {
    const auto refuse = [] { return fail(errc::invalid_argument, "not base64"); };
    if (text.size() % 4 == 1) return refuse();
    std::string out;
    out.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const std::size_t value = alphabet.find(c);
        if (value == std::string_view::npos) return refuse();
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        out += static_cast<char>(bits >> count & 0xff);
        bits &= (1u << count) - 1;
    }
    if (bits != 0) return refuse();
    return out;
}

}  // namespace

std::string to_hex(std::span<const std::byte> bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const std::byte b : bytes) {
        out += hex_digits[std::to_integer<unsigned>(b) >> 4];
        out += hex_digits[std::to_integer<unsigned>(b) & 15];
    }
    return out;
}

Result<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return fail(errc::invalid_argument, "an odd number of hex digits");
    std::string out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_value(text[i]);
        const int low = hex_value(text[i + 1]);
        if (high < 0 || low < 0) return fail(errc::invalid_argument, "not a hex digit");
        out += static_cast<char>(high * 16 + low);
    }
    return out;
}

std::string to_base64(std::span<const std::byte> bytes) {
    return encode(bytes, base64_alphabet, true);
}

Result<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return fail(errc::invalid_argument, "base64 comes in groups of four characters");
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    return decode(text, base64_alphabet);
}

std::string to_base64url(std::span<const std::byte> bytes) {
    return encode(bytes, base64url_alphabet, false);
}

Result<std::string> from_base64url(std::string_view text) {
    return decode(text, base64url_alphabet);
}

}  // namespace genq::crypto
