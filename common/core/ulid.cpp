#include "common/core/ulid.hpp"

#include <algorithm>
#include <array>

#include "common/core/rfc3339.hpp"

namespace genq {

namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr unsigned counter_bits = 21;
constexpr unsigned random_low_bits = 59;

constexpr std::array<std::int8_t, 256> make_values() {
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        const char c = alphabet[i];
        values[static_cast<unsigned char>(c)] = static_cast<std::int8_t>(i);
        if (c >= 'A') values[static_cast<unsigned char>(c - 'A' + 'a')] = static_cast<std::int8_t>(i);
    }
    return values;
}
constexpr std::array<std::int8_t, 256> values = make_values();

}  // namespace

std::string Ulid::text() const {
    std::string out(26, '0');
    std::uint64_t hi = high;
    std::uint64_t lo = low;
    for (std::size_t i = 26; i-- > 0;) {
        out[i] = alphabet[lo & 31U];
        lo = (lo >> 5U) | (hi << 59U);
        hi >>= 5U;
    }
    return out;
}

bool Ulid::parse(std::string_view text, Ulid& out) {
    if (text.size() != 26 || text[0] > '7') return false;
    Ulid parsed;
    for (const char c : text) {
        const auto value = values[static_cast<unsigned char>(c)];
        if (value < 0) return false;
        parsed.high = (parsed.high << 5U) | (parsed.low >> 59U);
        parsed.low = (parsed.low << 5U) | static_cast<std::uint64_t>(value);
    }
    out = parsed;
    return true;
}

std::int64_t Ulid::order() const {
    // high = 48 bits of time, 16 bits of counter; low = 5 bits of counter, 59 random bits.
    const std::uint64_t bits = (high << 5U) | (low >> random_low_bits);
    return static_cast<std::int64_t>(bits & 0x7FFF'FFFF'FFFF'FFFFU);
}

Ulid UlidSource::next() {
    std::uint64_t noise = 0;
    std::uint64_t start = 0;
    const std::lock_guard lock(mutex_);
    random_.fill(std::as_writable_bytes(std::span(&noise, 1)));
    random_.fill(std::as_writable_bytes(std::span(&start, 1)));
    // The counter begins low in its range, so that millions fit into one millisecond before the next is borrowed.
    const auto now = static_cast<std::int64_t>(static_cast<std::uint64_t>(to_ms(clock_.wall_now())) << counter_bits);
    last_ = std::max(last_ + 1, now + static_cast<std::int64_t>(start & 0xFFFFU));
    const auto order = static_cast<std::uint64_t>(last_);
    return Ulid{order >> 5U, (order << random_low_bits) | (noise & ((1ULL << random_low_bits) - 1))};
}

}  // namespace genq
