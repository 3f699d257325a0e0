#include <gtest/gtest.h>

#include "tests/sim/polling/line.hpp"

namespace genq::sim {
namespace {

/// The claims of DESIGN.md, "Polling", in virtual time: the same seed gives the same numbers on every machine.
class PollingSim : public testing::TestWithParam<std::uint64_t> {
  protected:
    LineResult run(Looks looks, double jobs_a_minute) {
        LineOptions options;
        options.seed = GetParam();
        options.looks = looks;
        options.jobs_a_minute = jobs_a_minute;
        options.jobs = jobs;
        return run_line(options, mix);
    }
    static constexpr int jobs = 800;
    const std::vector<MixModel> mix = usual_mix();
};

TEST_P(PollingSim, at_an_equal_number_of_queries_tasks_go_unnoticed_half_as_long_as_with_fixed_intervals) {
    const EqualQueries equal = at_equal_queries(GetParam(), jobs, mix);
    EXPECT_NEAR(equal.learned.queries_a_job, equal.fixed.queries_a_job, 0.02 * equal.fixed.queries_a_job);
    EXPECT_LE(equal.learned.unnoticed_s, 0.55 * equal.fixed.unnoticed_s);
}

TEST_P(PollingSim, under_load_it_is_no_more_than_half_with_no_more_queries_and_no_longer_wait_for_creates) {
    const LineResult fixed = run(Looks::fixed, 30);
    const LineResult learned = run(Looks::learned, 30);
    EXPECT_LE(learned.queries_a_job, fixed.queries_a_job);
    EXPECT_LE(learned.unnoticed_s, 0.55 * fixed.unnoticed_s);
    EXPECT_LE(learned.create_wait_s, 1.1 * fixed.create_wait_s);
}

TEST_P(PollingSim, with_little_to_do_it_is_not_worse_than_fixed_intervals_with_fewer_queries) {
    const LineResult fixed = run(Looks::fixed, 5);
    const LineResult learned = run(Looks::learned, 5);
    EXPECT_LE(learned.queries_a_job, fixed.queries_a_job);
    EXPECT_LE(learned.unnoticed_s, fixed.unnoticed_s);
    EXPECT_LE(learned.create_wait_s, 0.1);
}

TEST_P(PollingSim, a_backlog_completes_at_nine_tenths_of_the_bound) {
    EXPECT_GE(run(Looks::learned, 0).jobs_a_minute, 54);
}

TEST_P(PollingSim, with_callbacks_a_backlog_completes_at_nine_tenths_of_the_bound) {
    EXPECT_GE(run(Looks::none, 0).jobs_a_minute, 112);
}

TEST_P(PollingSim, predicts_what_comes_true) {
    const LineResult learned = run(Looks::learned, 20);
    EXPECT_NEAR(learned.within_50, 0.5, 0.05);
    EXPECT_NEAR(learned.within_90, 0.9, 0.04);
}

TEST_P(PollingSim, leaves_no_task_unasked_for_long) {
    EXPECT_LE(run(Looks::learned, 40).longest_unasked_s, 160) << "a quarter of 600 s, and the line for a token";
}

INSTANTIATE_TEST_SUITE_P(Seeds, PollingSim, testing::Values(1, 2));

}  // namespace
}  // namespace genq::sim
