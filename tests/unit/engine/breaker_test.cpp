#include "server/engine/breaker.hpp"

#include <gtest/gtest.h>

namespace genq::engine {
namespace {

using namespace std::chrono_literals;
const SteadyTime start{1h};

TEST(Breaker, opens_after_three_failures_in_a_row) {
    Breaker breaker;
    EXPECT_FALSE(breaker.failed(start));
    EXPECT_FALSE(breaker.failed(start));
    EXPECT_TRUE(breaker.failed(start));
    EXPECT_EQ(breaker.state(), Breaker::State::open);
    EXPECT_EQ(breaker.probe_at(), start + 5s);
}

TEST(Breaker, opens_after_five_failures_within_a_minute_that_successes_interrupt) {
    Breaker breaker;
    for (int i = 0; i < 4; ++i) {
        EXPECT_FALSE(breaker.failed(start + i * 10s));
        EXPECT_FALSE(breaker.succeeded(start + i * 10s));
    }
    EXPECT_TRUE(breaker.failed(start + 40s));
}

TEST(Breaker, forgets_failures_after_a_minute) {
    Breaker breaker;
    for (int i = 0; i < 20; ++i) {
        EXPECT_FALSE(breaker.failed(start + i * 20s));
        EXPECT_FALSE(breaker.succeeded(start + i * 20s));
    }
    EXPECT_EQ(breaker.state(), Breaker::State::closed);
}

TEST(Breaker, closes_after_two_good_probes) {
    Breaker breaker;
    breaker.open(start);
    EXPECT_FALSE(breaker.succeeded(start + 1s));
    EXPECT_EQ(breaker.state(), Breaker::State::half_open);
    EXPECT_TRUE(breaker.succeeded(start + 2s));
    EXPECT_EQ(breaker.state(), Breaker::State::closed);
}

TEST(Breaker, waits_longer_after_each_bad_probe_up_to_a_minute) {
    Breaker breaker;
    breaker.open(start);
    breaker.failed(start);
    EXPECT_EQ(breaker.probe_at(), start + 10s);
    breaker.succeeded(start + 10s);
    breaker.failed(start + 20s);
    EXPECT_EQ(breaker.state(), Breaker::State::open) << "a bad one after a good one opens it again";
    for (int i = 0; i < 10; ++i) breaker.failed(start + 60s);
    EXPECT_EQ(breaker.probe_at(), start + 120s);
}

}  // namespace
}  // namespace genq::engine
