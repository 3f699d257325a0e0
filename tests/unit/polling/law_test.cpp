#include "server/polling/law.hpp"

#include <gtest/gtest.h>

#include "server/polling/durations.hpp"

namespace genq::polling {
namespace {

/// Any duration between 8 and 16 seconds is as likely as any other.
Law eight_to_sixteen() {
    Bins mass{};
    for (std::size_t i = bin_of(8); i < bin_of(16); ++i) mass[i] = (edge(i + 1) - edge(i)) / 8 * 1e9;
    return learn(mass, {}, {});
}

TEST(Bins, cut_all_ages_and_grow_by_a_fifth) {
    EXPECT_EQ(edge(0), 0);
    EXPECT_EQ(edge(bin_count), 8192);
    for (std::size_t i = 1; i < bin_count; ++i) EXPECT_NEAR(edge(i + 1) / edge(i), 1.19, 0.01);
    for (std::size_t i = 0; i < bin_count; ++i) EXPECT_EQ(bin_of(edge(i)), i);
    EXPECT_EQ(bin_of(-1), 0U);
    EXPECT_EQ(bin_of(1e9), bin_count - 1);
}

TEST(Law, knows_when_nothing_can_be_done_yet_and_when_all_is) {
    const Law law = eight_to_sixteen();
    EXPECT_NEAR(law.cdf(8), 0, 1e-7);
    EXPECT_NEAR(law.cdf(10), 0.25, 1e-7);
    EXPECT_NEAR(law.cdf(16), 1, 1e-7);
    EXPECT_NEAR(law.mean(), 12, 1e-6);
    EXPECT_NEAR(law.quantile(0.75), 14, 1e-6);
    EXPECT_NEAR(law.quantile(0.5, 12), 14, 1e-6);
    EXPECT_NEAR(law.hazard(12), 0.25, 1e-6);
    EXPECT_NEAR(law.done_by(14, 12), 0.5, 1e-6);
    EXPECT_NEAR(law.unnoticed(8, 0), 0, 1e-6);
    EXPECT_NEAR(law.unnoticed(16, 8), 4, 1e-6);
    EXPECT_NEAR(law.unnoticed(100, 0), 88, 1e-6);
}

TEST(Law, waits_for_the_time_at_which_a_query_is_worth_its_price) {
    const Law law = eight_to_sixteen();
    const double cheap = law.worth_asking_at(0.1, 0);
    const double dear = law.worth_asking_at(100, 0);
    EXPECT_GT(cheap, 8);
    EXPECT_GT(dear, cheap);
    EXPECT_LT(dear, 16) << "when all are done a request is not wasted, whatever its price";
    EXPECT_NEAR(law.worth(cheap, 0), 0.1, 1e-6);
    EXPECT_NEAR(law.worth(dear, 0), 100, 1e-3);
}

TEST(Law, asks_the_next_time_later_than_the_last_although_both_fall_into_one_bin) {
    const Law law = eight_to_sixteen();
    for (const double looked : {10.5, 11.0, 12.0, 15.0}) {
        const double next = law.worth_asking_at(0.01, looked);
        EXPECT_GT(next, looked + 0.1);
        EXPECT_NEAR(law.worth(next, looked), 0.01, 1e-6);
    }
}

TEST(Law, takes_a_task_that_lives_beyond_all_times_for_one_that_finishes) {
    const Law law = eight_to_sixteen();
    EXPECT_EQ(law.done_by(20'000, 10'000), 1);
    EXPECT_EQ(law.unnoticed(20'000, 10'000), 10'000);
    EXPECT_EQ(law.worth_asking_at(5, 10'000), 10'000);
    EXPECT_EQ(law.quantile(0.5, 10'000), 10'000);
}

TEST(Law, shows_progress_that_slows_down_towards_the_end) {
    const Law law = eight_to_sixteen();
    EXPECT_EQ(law.progress(0), 0);
    EXPECT_NEAR(law.progress(5), 5 / law.mean(), 1e-6);
    EXPECT_LT(law.progress(15), 1);
    EXPECT_NEAR(law.progress(30), 1, 1e-9);
}

}  // namespace
}  // namespace genq::polling
