#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "common/core/random.hpp"
#include "server/polling/durations.hpp"

namespace genq::polling {
namespace {

/// Any prior, and a history of tasks seen done, given up and running.
struct History {
    Bins prior{};
    Durations durations;
    Bins running{};

    explicit History(std::uint64_t seed) {
        SeededRandom random(seed);
        const auto any = [&random](double longest) { return longest * random.unit() * random.unit(); };
        Prior before;
        before.longest_wait = 1 + any(3'000);
        if (random.below(2) == 0) {
            before.typical_from = any(300);
            before.typical_to = before.typical_from + any(300);
        }
        prior = spread(before);
        const std::uint64_t tasks = random.below(60);
        for (std::uint64_t i = 0; i < tasks; ++i) {
            const double after = any(9'000);
            if (random.below(4) == 0) {
                censor(durations, after);
            } else {
                observe(durations, law(), after, after + any(100));
            }
            if (random.below(4) == 0) running[bin_of(any(9'000))] += 1;
        }
    }
    [[nodiscard]] Law law() const { return learn(prior, durations, running); }
};

RC_GTEST_PROP(LawProperty, is_a_distribution, (std::uint64_t seed)) {
    const Law law = History(seed).law();
    double last = 0;
    for (double t = 0.01; t < 10'000; t *= 1.07) {
        const double now = law.cdf(t);
        RC_ASSERT(now >= last && now <= 1);
        RC_ASSERT(law.hazard(t) >= 0);
        last = now;
    }
    RC_ASSERT(law.cdf(8'192) == 1.0);
    RC_ASSERT(law.mean() > 0 && law.mean() < 8'192);
}

RC_GTEST_PROP(LawProperty, has_quantiles_that_are_those_of_its_cdf, (std::uint64_t seed)) {
    const Law law = History(seed).law();
    SeededRandom random(seed + 1);
    const double age = 500 * random.unit();
    const double p = 0.05 + 0.9 * random.unit();
    const double t = law.quantile(p, age);
    RC_ASSERT(t >= age);
    if (law.survival(age) > 1e-6) RC_ASSERT(std::abs(law.done_by(t, age) - p) < 1e-6);
}

RC_GTEST_PROP(LawProperty, names_the_time_at_which_a_query_is_worth_the_price, (std::uint64_t seed)) {
    const Law law = History(seed).law();
    SeededRandom random(seed + 1);
    for (int i = 0; i < 20; ++i) {
        const double looked = 400 * random.unit() * random.unit();
        const double price = std::exp(-4 + 10 * random.unit());
        if (law.survival(looked) < 1e-6) continue;
        const double at = law.worth_asking_at(price, looked);
        RC_ASSERT(at > looked);
        RC_ASSERT(law.worth_asking_at(price * 1.5, looked) >= at);
        // Where hardly anything lives on, the worth is a quotient of two tiny numbers.
        if (law.done_by(at, looked) < 0.999) RC_ASSERT(std::abs(law.worth(at, looked) / price - 1) < 1e-3);
    }
}

RC_GTEST_PROP(LawProperty, never_counts_more_unnoticed_time_than_has_passed, (std::uint64_t seed)) {
    const Law law = History(seed).law();
    double last = 0;
    for (double t = 50; t < 5'000; t *= 1.1) {
        const double unnoticed = law.unnoticed(t, 50);
        RC_ASSERT(unnoticed >= last - 1e-6 && unnoticed <= t - 50 + 1e-6);
        last = unnoticed;
    }
}

RC_GTEST_PROP(LawProperty, thinks_tasks_longer_for_each_that_still_runs, (std::uint64_t seed)) {
    History history(seed);
    const Law before = history.law();
    const double age = 1 + static_cast<double>(seed % 1'000);
    history.running[bin_of(age)] += 1;
    const Law after = history.law();
    for (double t = 0.1; t < 8'000; t *= 1.2) RC_ASSERT(after.survival(t) >= before.survival(t) - 1e-12);
}

RC_GTEST_PROP(DurationsProperty, are_read_as_they_were_written, (std::uint64_t seed)) {
    const Durations durations = History(seed).durations;
    const auto back = read(write(durations));
    RC_ASSERT(back.has_value());
    RC_ASSERT(*back == durations);
}

RC_GTEST_PROP(DurationsProperty, take_no_text_for_what_it_is_not, (const std::string& text)) {
    if (const auto durations = read("1 " + text)) RC_ASSERT(read(write(*durations)) == durations);
}

RC_GTEST_PROP(DurationsProperty, gain_one_task_of_weight_and_lose_a_hundredth, (std::uint64_t seed)) {
    History history(seed);
    const auto weight = [&history] {
        double all = 0;
        for (std::size_t i = 0; i < bin_count; ++i) all += history.durations.done[i] + history.durations.open[i];
        return all;
    };
    const double before = weight();
    observe(history.durations, history.law(), 3, 200);
    RC_ASSERT(std::abs(weight() - (before * 0.99 + 1)) < 1e-6);
    RC_ASSERT(weight() < 101);
}

}  // namespace
}  // namespace genq::polling
