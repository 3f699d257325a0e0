#include "server/polling/schedule.hpp"

#include <gtest/gtest.h>

namespace genq::polling {
namespace {

using namespace std::chrono_literals;

const Rule rule{3s, 5s, 120s, 20s, 300s};

TEST(Schedule, stretches_the_shortest_interval_after_two_minutes) {
    EXPECT_EQ(floor_at(rule, 119s), 5s);
    EXPECT_EQ(floor_at(rule, 120s), 20s);
}

TEST(Schedule, adds_up_to_a_tenth_at_random) {
    SeededRandom random(1);
    for (int i = 0; i < 100; ++i) {
        const auto wait = with_jitter(60s, random);
        EXPECT_GE(wait, 60s);
        EXPECT_LE(wait, 66s);
        EXPECT_NE(wait, with_jitter(60s, random));
    }
}

TEST(Schedule, backs_off_from_failed_queries_up_to_a_minute) {
    SeededRandom random(1);
    EXPECT_LE(after_failed_query(rule, 1, random), 5'500ms);
    EXPECT_GE(after_failed_query(rule, 3, random), 20s);
    EXPECT_LE(after_failed_query(rule, 30, random), 66s);
}

TEST(Schedule, full_jitter_fills_the_range_below_its_cap) {
    SeededRandom random(1);
    std::chrono::milliseconds longest{0};
    for (int i = 0; i < 1'000; ++i) {
        const auto wait = full_jitter(1s, 30s, 10, random);
        EXPECT_GE(wait, 0ms);
        EXPECT_LE(wait, 30s);
        longest = std::max(longest, wait);
    }
    EXPECT_GT(longest, 25s);
}

}  // namespace
}  // namespace genq::polling
