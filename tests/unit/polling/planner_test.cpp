#include "server/polling/planner.hpp"

#include <gtest/gtest.h>

#include <set>

namespace genq::polling {
namespace {

using namespace std::chrono_literals;

constexpr double idle = 0.1;

struct PlannerTest : testing::Test {
    SeededRandom random{1};
    Planner planner{random};
    const SteadyTime start{1h};
    const Rule rule{3s, 5s, 120s, 20s, 300s};

    void watch(std::int64_t id, const std::string& model, Prior prior) {
        planner.watch(id, {model, rule, 300s, start, start}, prior);
    }
};

TEST(Price, rises_as_tokens_run_out_and_with_each_create_that_waits) {
    double last = 0;
    for (int free = 20; free >= 1; --free) {
        const double now = price({20, free, 10, 5, 0});
        EXPECT_GE(now, last) << free;
        last = now;
    }
    EXPECT_EQ(price({20, 19, 10, 10, 0}), idle);
    EXPECT_NEAR(price({20, 1, 10, 5, 40}) - price({20, 1, 10, 5, 0}), 20, 1e-9) << "half a second each";
    EXPECT_GT(price({20, 1, 10, 9, 0}), price({20, 1, 10, 0.5, 0})) << "the next token is far";
    EXPECT_GT(price({0, 0, 10, 0, 0}), 0);
}

TEST_F(PlannerTest, asks_first_when_the_task_may_be_done_and_not_before_the_rule_allows) {
    watch(1, "image", {5, 10, 300});
    EXPECT_GE(planner.due(1, idle), start + 3s);
    EXPECT_LE(planner.due(1, idle), start + 8s);
    watch(2, "video", {60, 180, 600});
    for (int i = 0; i < 20; ++i) planner.book().observe("video", 90, 95);
    EXPECT_GE(planner.due(2, 1), start + 50s);
    watch(3, "quick", {1, 2, 300});
    EXPECT_GE(planner.due(3, idle), start + 3s) << "first_s";
}

TEST_F(PlannerTest, goes_down_to_the_rules_interval_when_requests_are_cheap) {
    watch(1, "music", {30, 120, 600});
    planner.looked(1, start + 60s);
    EXPECT_GE(planner.due(1, idle), start + 65s);
    EXPECT_LE(planner.due(1, idle), start + 66s);
    EXPECT_GT(planner.due(1, 20), start + 75s) << "and stretches when they are dear";
    planner.looked(1, start + 120s);
    EXPECT_GE(planner.due(1, idle), start + 140s) << "past two minutes: the stretched interval";
}

TEST_F(PlannerTest, leaves_no_task_unasked_longer_than_a_quarter_of_its_longest_wait) {
    watch(1, "never", {0, 0, 300});
    EXPECT_LE(planner.due(1, 1e9), start + 75s);
    planner.looked(1, start + 290s);
    EXPECT_LE(planner.due(1, 1e9), start + 312s) << "the last look is when it is given up, but for the interval";
}

TEST_F(PlannerTest, chooses_the_query_that_is_worth_most_and_first_those_past_their_bound) {
    watch(1, "image", {5, 10, 300});
    watch(2, "video", {60, 180, 600});
    const auto next = planner.next(start + 70s, 0.5);
    ASSERT_TRUE(next);
    EXPECT_EQ(next->id, 1) << "it is done almost surely";
    planner.looked(1, start + 70s);
    planner.ask_at(2, start + 71s);
    EXPECT_EQ(planner.next(start + 76s, 1)->id, 2);
}

TEST_F(PlannerTest, tells_the_first_time_while_nothing_is_due) {
    EXPECT_FALSE(planner.next(start, idle));
    watch(1, "video", {60, 180, 600});
    watch(2, "image", {5, 10, 300});
    const auto next = planner.next(start, idle);
    EXPECT_EQ(next->id, 2);
    EXPECT_EQ(next->at, planner.due(2, idle));
    EXPECT_EQ(planner.next(start + 1s, idle)->at, next->at);
    EXPECT_LT(planner.next(start + 1s, 0.001)->at, next->at) << "another price, another time";
    planner.drop(2);
    EXPECT_EQ(planner.next(start + 1s, idle)->id, 1);
}

TEST_F(PlannerTest, does_not_choose_a_task_that_is_being_asked) {
    watch(1, "image", {5, 10, 300});
    planner.asking(1);
    EXPECT_FALSE(planner.next(start + 60s, idle));
    planner.failed(1, start + 60s, 30s);
    EXPECT_GE(planner.next(start + 61s, idle)->at, start + 90s) << "its query failed";
    planner.ask_at(1, start + 65s);
    EXPECT_EQ(planner.next(start + 61s, 1e9)->at, start + 65s);
}

TEST_F(PlannerTest, does_not_ask_a_batch_in_step) {
    std::set<SteadyTime> times;
    for (int i = 0; i < 50; ++i) watch(i, "image", {5, 10, 300});
    for (int i = 0; i < 50; ++i) times.insert(planner.due(i, 0.5));
    EXPECT_GT(times.size(), 40U);
}

TEST_F(PlannerTest, learns_from_each_task_that_ends) {
    for (int i = 0; i < 20; ++i) {
        watch(i, "image", {5, 10, 300});
        planner.looked(i, start + 28s);
        planner.finished(i, start + 31s);
    }
    EXPECT_FALSE(planner.watches(3));
    EXPECT_NEAR(planner.book().law("image").quantile(0.5), 29.5, 2);
    watch(100, "image", {5, 10, 300});
    EXPECT_GT(planner.due(100, 5), start + 20s);
}

TEST_F(PlannerTest, believes_how_long_a_task_took_where_that_fits_what_was_seen) {
    const auto learnt = [this](double took) {
        for (int i = 0; i < 20; ++i) {
            watch(i, std::to_string(took), {5, 10, 300});
            planner.looked(i, start + 20s);
            planner.finished(i, start + 60s, took);
        }
        return planner.book().law(std::to_string(took)).quantile(0.5);
    };
    EXPECT_NEAR(learnt(50), 48, 3);
    EXPECT_GT(learnt(10), 20) << "it was not done at 20 s";
    EXPECT_LT(learnt(70), 60) << "it was done at 60 s";
}

TEST_F(PlannerTest, learns_from_a_task_that_was_given_up_that_it_took_longer) {
    for (int i = 0; i < 5; ++i) watch(i, "image", {5, 10, 300});
    const double before = planner.book().law("image").survival(20);
    planner.gave_up(0);
    EXPECT_EQ(planner.book().law("image").survival(20), before) << "it was never asked for";
    for (int i = 1; i < 5; ++i) {
        planner.looked(i, start + 60s);
        planner.gave_up(i);
    }
    EXPECT_FALSE(planner.watches(1));
    EXPECT_GT(planner.book().law("image").survival(20), before);
}

TEST_F(PlannerTest, asks_as_a_safety_net_where_a_callback_is_awaited) {
    planner.watch(1, {"music", rule, 300s, start, start, true}, {20, 30, 300});
    EXPECT_GE(planner.due(1, idle), start + 60s) << "ninety-nine of a hundred are done";
    EXPECT_LE(planner.due(1, 1e9), start + 150s) << "half the longest wait";
    planner.looked(1, start + 151s);
    EXPECT_LE(planner.due(1, idle), start + 174s);
}

TEST_F(PlannerTest, knows_how_long_the_running_tasks_take_on_average) {
    EXPECT_EQ(planner.mean_task_s(), 0);
    watch(1, "video", {60, 180, 600});
    EXPECT_NEAR(planner.mean_task_s(), planner.book().law("video").mean(), 1e-9);
}

}  // namespace
}  // namespace genq::polling
