#include "server/polling/durations.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace genq::polling {
namespace {

double weight(const Bins& bins) {
    return std::accumulate(bins.begin(), bins.end(), 0.0);
}

Law law_of(const Prior& prior, const Durations& durations) {
    return learn(spread(prior), durations, {});
}

TEST(Durations, begin_with_the_catalogues_seconds) {
    const Law law = law_of({5, 10, 300}, {});
    EXPECT_GT(law.quantile(0.5), 5);
    EXPECT_LT(law.quantile(0.5), 10);
    EXPECT_GT(law.survival(60), 0.001) << "the catalogue may be wrong";
}

TEST(Durations, are_wide_open_for_a_model_never_seen) {
    const Law law = law_of({0, 0, 300}, {});
    EXPECT_LT(law.quantile(0.05), 6);
    EXPECT_GT(law.quantile(0.95), 150);
}

TEST(Durations, twenty_seen_are_enough) {
    const Prior prior{5, 10, 300};
    Durations durations;
    for (int i = 0; i < 20; ++i) observe(durations, law_of(prior, durations), 40 + i % 5, 42 + i % 5);
    const Law law = law_of(prior, durations);
    EXPECT_NEAR(law.quantile(0.5), 43, 3);
    EXPECT_GT(law.quantile(0.25), 35);
    EXPECT_EQ(durations.seen, 20);
}

TEST(Durations, spread_what_was_seen_late_over_the_time_in_which_it_can_have_happened) {
    Durations durations;
    const Law law = law_of({5, 10, 300}, durations);
    observe(durations, law, 0, 60);
    EXPECT_NEAR(weight(durations.done), 1, 1e-9);
    EXPECT_GT(durations.done[bin_of(7)], durations.done[bin_of(50)]) << "not at the moment of the look";
}

TEST(Durations, fade_so_that_a_change_is_followed) {
    const Prior prior{5, 10, 300};
    Durations durations;
    for (int i = 0; i < 300; ++i) observe(durations, law_of(prior, durations), 9, 10);
    EXPECT_LT(weight(durations.done), 101);
    for (int i = 0; i < 150; ++i) observe(durations, law_of(prior, durations), 29, 30);
    EXPECT_NEAR(law_of(prior, durations).quantile(0.5), 29, 3);
}

TEST(Durations, count_what_runs_and_what_was_given_up_as_longer_than_seen) {
    const Prior prior{5, 10, 300};
    Durations durations;
    for (int i = 0; i < 20; ++i) observe(durations, law_of(prior, durations), 8, 10);
    const double before = law_of(prior, durations).survival(12);
    Bins running{};
    running[bin_of(30)] = 10;
    EXPECT_GT(learn(spread(prior), durations, running).survival(12), before);
    for (int i = 0; i < 10; ++i) censor(durations, 30);
    EXPECT_GT(law_of(prior, durations).survival(12), before);
    EXPECT_EQ(durations.seen, 20);
}

TEST(Durations, refuse_text_that_they_did_not_write) {
    for (const char* text : {"", "2 0", "1", "1 x", "1 -1", "1 3 64:1:1", "1 3 5:1", "1 3 5:-1:0", "1 3 5:nan:0",
                             "1 3 5:1:0 ", "1 3 5:1:0x"}) {
        EXPECT_FALSE(read(text)) << text;
    }
    EXPECT_TRUE(read("1 3 5:1:0.5"));
}

}  // namespace
}  // namespace genq::polling
