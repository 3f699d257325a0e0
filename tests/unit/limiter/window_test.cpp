#include "server/limiter/window.hpp"

#include <gtest/gtest.h>

namespace genq::limiter {
namespace {

using namespace std::chrono_literals;

const SteadyTime start{1h};
const auto back = 10s + WindowLimiter::margin;

TEST(WindowLimiter, lets_the_whole_limit_through_at_once_and_no_more) {
    WindowLimiter limiter(20, 10s, 10s, start, std::nullopt);
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(limiter.take(start));
    EXPECT_FALSE(limiter.take(start));
    EXPECT_EQ(limiter.next_free(start), std::nullopt) << "all are in flight: nobody knows when one returns";
}

TEST(WindowLimiter, holds_a_token_until_a_window_after_the_answer) {
    WindowLimiter limiter(1, 10s, 10s, start, std::nullopt);
    ASSERT_TRUE(limiter.take(start));
    limiter.answered(start + 3s);
    EXPECT_FALSE(limiter.take(start + 10s)) << "a window after the sending is not enough";
    EXPECT_EQ(limiter.next_free(start + 10s), start + 3s + back);
    EXPECT_FALSE(limiter.take(start + 3s + back - 1ms));
    EXPECT_TRUE(limiter.take(start + 3s + back));
}

TEST(WindowLimiter, gives_a_token_back_at_once_when_nothing_was_sent) {
    WindowLimiter limiter(1, 10s, 10s, start, std::nullopt);
    ASSERT_TRUE(limiter.take(start));
    limiter.not_sent();
    EXPECT_TRUE(limiter.take(start));
}

TEST(WindowLimiter, waits_for_stragglers_when_the_answer_is_lost) {
    WindowLimiter limiter(1, 10s, 7s, start, std::nullopt);
    ASSERT_TRUE(limiter.take(start));
    limiter.lost(start);
    EXPECT_FALSE(limiter.take(start + back));
    EXPECT_FALSE(limiter.take(start + back + 7s - 1ms));
    EXPECT_TRUE(limiter.take(start + back + 7s));
}

TEST(WindowLimiter, starts_empty_when_an_earlier_process_may_have_sent) {
    WindowLimiter limiter(20, 10s, 10s, start, start + 20s);
    EXPECT_EQ(limiter.free(start + 19s), 0);
    EXPECT_EQ(limiter.next_free(start), start + 20s);
    EXPECT_EQ(limiter.free(start + 20s), 20);
}

TEST(WindowLimiter, stops_for_the_pause_after_a_refusal) {
    WindowLimiter limiter(20, 10s, 10s, start, std::nullopt);
    limiter.refused(start, 11s);
    EXPECT_EQ(limiter.free(start + 10s), 0);
    EXPECT_EQ(limiter.next_free(start), start + 11s);
    EXPECT_EQ(limiter.free(start + 11s), 20) << "one refusal alone takes no token away";
}

TEST(WindowLimiter, shrinks_after_repeated_refusals_and_grows_back_slowly) {
    WindowLimiter limiter(20, 10s, 10s, start, std::nullopt);
    limiter.refused(start, 10s);
    limiter.refused(start + 20s, 10s);
    EXPECT_EQ(limiter.limit(), 15);
    EXPECT_EQ(limiter.free(start + 30s), 15);
    EXPECT_EQ(limiter.free(start + 20s + 30s), 16);
    EXPECT_EQ(limiter.free(start + 20s + 150s), 20);
    EXPECT_EQ(limiter.free(start + 1h), 20);
}

TEST(WindowLimiter, takes_one_burst_of_refusals_for_one) {
    WindowLimiter limiter(20, 10s, 10s, start, std::nullopt);
    for (int i = 0; i < 20; ++i) limiter.refused(start + i * 1ms, 10s);
    EXPECT_EQ(limiter.limit(), 20);
    EXPECT_EQ(limiter.next_free(start + 1s), start + 19ms + 10s);
    for (int i = 0; i < 20; ++i) limiter.refused(start + 20s + i * 1ms, 10s);
    EXPECT_EQ(limiter.limit(), 15) << "the next one repeats it";
}

TEST(WindowLimiter, never_shrinks_to_nothing) {
    WindowLimiter limiter(2, 10s, 10s, start, std::nullopt);
    for (int i = 0; i < 10; ++i) limiter.refused(start + i * 1s, 1s);
    EXPECT_EQ(limiter.limit(), 1);
}

TEST(WindowLimiter, knows_the_next_free_token_when_it_uses_fewer_than_return) {
    WindowLimiter limiter(2, 10s, 0s, start, std::nullopt);
    ASSERT_TRUE(limiter.take(start));
    ASSERT_TRUE(limiter.take(start));
    limiter.answered(start);
    limiter.answered(start + 1s);
    limiter.configure(1, 10s, 0s);
    EXPECT_EQ(limiter.next_free(start + 2s), start + 1s + back) << "the first to return is one too many";
}

TEST(WindowLimiter, tells_when_each_answered_token_comes_back) {
    WindowLimiter limiter(3, 10s, 0s, start, std::nullopt);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(limiter.take(start));
    limiter.answered(start + 1s);
    limiter.answered(start);
    EXPECT_EQ(limiter.returns(start + 2s), (std::vector{start + back, start + 1s + back})) << "not the one in flight";
    EXPECT_EQ(limiter.returns(start + back), std::vector{start + 1s + back});
}

}  // namespace
}  // namespace genq::limiter
