#include "server/api/cursor.hpp"

#include <gtest/gtest.h>

namespace genq::api {
namespace {

TEST(Cursor, comes_back_as_it_was) {
    for (const std::int64_t row : {std::int64_t{1}, std::int64_t{255}, std::int64_t{1} << 40, INT64_MAX}) {
        EXPECT_EQ(from_cursor(to_cursor(row)), row);
    }
}

TEST(Cursor, refuses_what_was_not_made_here) {
    const std::string good = to_cursor(123'456'789);
    EXPECT_FALSE(from_cursor(""));
    EXPECT_FALSE(from_cursor("!!"));
    EXPECT_FALSE(from_cursor(good + "A"));
    EXPECT_FALSE(from_cursor(good.substr(1)));
    EXPECT_FALSE(from_cursor(std::string(10'000, 'A')));
    for (std::size_t i = 0; i < good.size(); ++i) {
        auto bad = good;
        bad[i] = bad[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(from_cursor(bad)) << bad;
    }
}

}  // namespace
}  // namespace genq::api
