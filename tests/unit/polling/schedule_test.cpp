#include "server/polling/schedule.hpp"

#include <gtest/gtest.h>

namespace genq::polling {
namespace {

using namespace std::chrono_literals;

const Rule rule{3s, 5s, 120s, 20s, 300s};

TEST(Schedule, asks_first_when_the_task_may_be_done) {
    SeededRandom random(1);
    const auto wait = next_query_in(rule, 0ms, 0, random);
    EXPECT_GE(wait, 3s);
    EXPECT_LE(wait, 3'300ms);
    EXPECT_EQ(next_query_in(rule, 10s, 0, random), 0ms) << "it is late already";
}

TEST(Schedule, stretches_the_interval_after_two_minutes) {
    SeededRandom random(1);
    for (int i = 0; i < 100; ++i) {
        const auto early = next_query_in(rule, 60s, 5, random);
        EXPECT_GE(early, 5s);
        EXPECT_LE(early, 5'500ms);
        const auto late = next_query_in(rule, 121s, 5, random);
        EXPECT_GE(late, 20s);
        EXPECT_LE(late, 22s);
    }
}

TEST(Schedule, spreads_jobs_that_were_accepted_together) {
    SeededRandom random(1);
    EXPECT_NE(next_query_in(rule, 60s, 5, random), next_query_in(rule, 60s, 5, random));
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
