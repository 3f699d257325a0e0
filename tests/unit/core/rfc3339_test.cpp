#include "common/core/rfc3339.hpp"

#include <gtest/gtest.h>

namespace genq {
namespace {

TEST(Rfc3339, writes_utc_with_milliseconds) {
    EXPECT_EQ(to_rfc3339(from_ms(0)), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(to_rfc3339(from_ms(1'795'374'000'123)), "2026-11-22T19:00:00.123Z");
}

TEST(Rfc3339, reads_what_it_writes) {
    for (const std::int64_t ms : {0LL, 951'827'696'789LL, 1'795'374'000'000LL, 253'402'300'799'999LL}) {
        const auto read = from_rfc3339(to_rfc3339(from_ms(ms)));
        ASSERT_TRUE(read) << ms;
        EXPECT_EQ(to_ms(*read), ms);
    }
}

TEST(Rfc3339, reads_offsets_fractions_and_either_case) {
    EXPECT_EQ(to_rfc3339(*from_rfc3339("2026-11-22t19:00:00+02:00")), "2026-11-22T17:00:00.000Z");
    EXPECT_EQ(to_rfc3339(*from_rfc3339("2026-11-22 19:00:00.1239z")), "2026-11-22T19:00:00.123Z");
    EXPECT_EQ(to_rfc3339(*from_rfc3339("2026-11-22T19:00:00-00:30")), "2026-11-22T19:30:00.000Z");
}

TEST(Rfc3339, refuses_what_is_no_time) {
    for (const char* text :
         {"", "2026", "2026-11-22", "2026-11-22T19:00:00", "2026-13-22T19:00:00Z", "2026-02-30T19:00:00Z",
          "2026-11-22T24:00:00Z", "2026-11-22T19:60:00Z", "2026-11-22T19:00:00.Z", "2026-11-22T19:00:00Z ",
          "2026-11-22T19:00:00+2:00", "1969-01-01T00:00:00Z", "-026-11-22T19:00:00Z", "2026-11-22T19:00:00+24:00"}) {
        EXPECT_FALSE(from_rfc3339(text)) << text;
    }
}

TEST(Rfc3339, writes_http_dates) {
    EXPECT_EQ(to_http_date(from_ms(784'111'777'000)), "Sun, 06 Nov 1994 08:49:37 GMT");
}

}  // namespace
}  // namespace genq
