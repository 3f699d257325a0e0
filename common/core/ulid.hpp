#pragma once
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "common/core/clock.hpp"
#include "common/core/random.hpp"

namespace genq {

/// A ULID as two halves of its 128 bits: 48 bits of milliseconds since 1970, 80 bits that this program splits into a
/// 21-bit counter and 59 random bits. `order()` is the first 63 bits that matter (42 of time, 21 of counter): unique
/// in one store and rising with creation, so it serves as the row number, and no second index on the text is needed.
struct Ulid {
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    /// 26 characters of Crockford base32, upper case.
    [[nodiscard]] std::string text() const;
    /// False for anything but 26 characters of the alphabet (either case) whose first is at most `7`.
    [[nodiscard]] static bool parse(std::string_view text, Ulid& out);
    /// Rises with creation; always positive, so it fits SQLite's row ids. Times past the year 2109 don't fit.
    [[nodiscard]] std::int64_t order() const;
    friend bool operator==(const Ulid&, const Ulid&) = default;
};

/// Makes ULIDs whose order() always rises, also within a millisecond and when the wall clock steps back. Thread-safe.
class UlidSource {
  public:
    /// `after`: an order() that all new ones must exceed (the newest in the store), or 0.
    UlidSource(Clock& clock, Random& random, std::int64_t after = 0) : clock_(clock), random_(random), last_(after) {}
    [[nodiscard]] Ulid next();

  private:
    Clock& clock_;
    Random& random_;
    std::mutex mutex_;
    std::int64_t last_;
};

}  // namespace genq
