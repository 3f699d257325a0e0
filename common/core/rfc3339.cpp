#include "common/core/rfc3339.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace genq {

namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hh_mm_ss;
using std::chrono::milliseconds;
using std::chrono::year_month_day;

/// Takes exactly `digits` decimal digits off the front of `text`.
bool take_number(std::string_view& text, std::size_t digits, int& value) {
    if (text.size() < digits) return false;
    const auto number = text.substr(0, digits);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (error != std::errc() || end != number.data() + number.size() || number[0] == '-') return false;
    text.remove_prefix(digits);
    return true;
}

bool take(std::string_view& text, char wanted) {
    if (text.empty() || text[0] != wanted) return false;
    text.remove_prefix(1);
    return true;
}

bool take_any(std::string_view& text, std::string_view wanted) {
    if (text.empty() || wanted.find(text[0]) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

}  // namespace

std::string to_rfc3339(WallTime time) {
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(time - day);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

Result<WallTime> from_rfc3339(std::string_view text) {
    const auto refuse = [] {
        return fail(errc::invalid_argument, "not an RFC 3339 time; write it as 2026-11-22T19:00:00.000Z");
    };
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    if (!take_number(text, 4, year) || !take(text, '-') || !take_number(text, 2, month) || !take(text, '-') ||
        !take_number(text, 2, day) || !take_any(text, "Tt ") || !take_number(text, 2, hour) || !take(text, ':') ||
        !take_number(text, 2, minute) || !take(text, ':') || !take_number(text, 2, second)) {
        return refuse();
    }
    int milli = 0;
    if (take(text, '.')) {
        int scale = 100;
        std::size_t digits = 0;
        for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1), ++digits, scale /= 10) {
            milli += (text[0] - '0') * scale;
        }
        if (digits == 0) return refuse();
    }
    int offset_minutes = 0;
    if (!take_any(text, "Zz")) {
        const bool east = !text.empty() && text[0] == '+';
        int offset_hour = 0;
        int offset_minute = 0;
        if (!take_any(text, "+-") || !take_number(text, 2, offset_hour) || !take(text, ':') ||
            !take_number(text, 2, offset_minute) || offset_hour > 23 || offset_minute > 59) {
            return refuse();
        }
        offset_minutes = (offset_hour * 60 + offset_minute) * (east ? 1 : -1);
    }
    const year_month_day date(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                              std::chrono::day(static_cast<unsigned>(day)));
    // 60 is a leap second: POSIX time has none, so it is the second after.
    if (!text.empty() || !date.ok() || year < 1970 || hour > 23 || minute > 59 || second > 60) return refuse();
    return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
           std::chrono::minutes(minute - offset_minutes) + std::chrono::seconds(second) + milliseconds(milli);
}

std::string to_http_date(WallTime time) {
    static constexpr std::array<const char*, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(time - day);
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", weekdays[std::chrono::weekday(day).c_encoding()],
                       static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
                       static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                       clock.seconds().count());
}

}  // namespace genq
