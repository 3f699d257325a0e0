#include "common/core/random.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "common/core/check.hpp"

namespace genq {

std::uint64_t Random::below(std::uint64_t bound) {
    GENQ_CHECK(bound > 0);
    // Values past the last whole multiple of `bound` are thrown away, so that no remainder is likelier than another.
    const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
    for (;;) {
        std::uint64_t value = 0;
        fill(std::as_writable_bytes(std::span(&value, 1)));
        if (value < limit) return value % bound;
    }
}

double Random::unit() {
    std::uint64_t value = 0;
    fill(std::as_writable_bytes(std::span(&value, 1)));
    return static_cast<double>(value >> 11U) * 0x1.0p-53;
}

std::string Random::hex(std::size_t bytes) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string raw(bytes, '\0');
    fill(std::as_writable_bytes(std::span(raw)));
    std::string text;
    text.reserve(bytes * 2);
    for (const char c : raw) {
        const auto byte = static_cast<unsigned char>(c);
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
    }
    return text;
}

void SystemRandom::fill(std::span<std::byte> bytes) {
    const std::lock_guard lock(mutex_);
    while (!bytes.empty()) {
        if (left_ == 0) {
            auto* to = reinterpret_cast<unsigned char*>(stock_.data());
            GENQ_CHECK(RAND_bytes(to, static_cast<int>(stock_.size())) == 1);
            left_ = stock_.size();
        }
        const auto count = std::min(left_, bytes.size());
        const auto used = std::span(stock_).subspan(left_ - count, count);
        std::ranges::copy(used, bytes.begin());
        std::ranges::fill(used, std::byte{});  // what was given out must not be given out again, nor be found here
        left_ -= count;
        bytes = bytes.subspan(count);
    }
}

void SeededRandom::fill(std::span<std::byte> bytes) {
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(engine_() >> 32U);
}

}  // namespace genq
