#include "server/domain/budget.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "common/core/rfc3339.hpp"
#include "server/domain/job.hpp"

namespace genq {
namespace {

Job job_with(JobStatus status, Billed billed, std::optional<double> credits) {
    Job job;
    job.status = status;
    job.billed = billed;
    job.credits = credits;
    job.charge.estimate = 8'000;
    job.charge.earlier_told = 100;
    job.charge.earlier_assumed = 20;
    return job;
}

TEST(Budget, charges_a_job_as_its_bill_stands) {
    struct Case {
        JobStatus status;
        Billed billed;
        std::optional<double> credits;
        Millicredits told, assumed, reserved;
    };
    using enum JobStatus;
    for (const Case& c : {
             Case{queued, Billed::no, {}, 100, 20, 8'000},
             Case{submitting, Billed::no, {}, 100, 20, 8'000},
             Case{submitting, Billed::unknown, {}, 100, 20, 8'000},
             Case{generating, Billed::yes, {}, 100, 8'020, 0},
             Case{generating, Billed::no, {}, 100, 20, 0},  // veo/1080p costs nothing
             Case{downloading, Billed::yes, 4.5, 4'600, 20, 0},
             Case{succeeded, Billed::yes, {}, 100, 8'020, 0},
             Case{succeeded, Billed::yes, 0.0, 100, 20, 0},
             Case{failed, Billed::no, {}, 100, 20, 0},
             Case{failed, Billed::yes, 2.0, 2'100, 20, 0},
             Case{failed, Billed::unknown, {}, 100, 20, 8'000},
             Case{canceled, Billed::no, {}, 100, 20, 0},
             Case{canceled, Billed::unknown, {}, 100, 20, 8'000},
         }) {
        const auto charge = charge_of(job_with(c.status, c.billed, c.credits));
        const auto what = std::string(to_string(c.status)) + " " + std::string(to_string(c.billed));
        EXPECT_EQ(charge.told, c.told) << what;
        EXPECT_EQ(charge.assumed, c.assumed) << what;
        EXPECT_EQ(charge.reserved, c.reserved) << what;
    }
}

TEST(Budget, keeps_what_a_create_cost_or_may_have_cost_when_another_takes_its_place) {
    const auto paid = closed_charge(job_with(JobStatus::failed, Billed::yes, 3.0));
    EXPECT_EQ(paid.earlier_told, 3'100);
    EXPECT_EQ(paid.earlier_assumed, 20);
    EXPECT_EQ(paid.reserved + paid.estimate, 0);
    const auto lost = closed_charge(job_with(JobStatus::failed, Billed::unknown, {}));
    EXPECT_EQ(lost.earlier_assumed, 8'020);
    EXPECT_EQ(lost.used(), 8'120);
    const auto free = closed_charge(job_with(JobStatus::failed, Billed::no, {}));
    EXPECT_EQ(free.used(), 120);
}

TEST(Budget, admits_up_to_its_limit_and_names_what_does_not_fit) {
    const Budget budget{.credits_per_day = 10'000, .max_queued = 2};
    const Reservation wanted{20'000, 4'000};
    EXPECT_FALSE(over_budget(budget, {.used = 2'000, .reserved = 4'000, .queued = 1}, wanted));
    const auto over = over_budget(budget, {.used = 2'001, .reserved = 4'000, .queued = 1}, wanted);
    ASSERT_TRUE(over);
    EXPECT_EQ(over->limit, OverBudget::Limit::credits_per_day);
    EXPECT_EQ(over->allowed, 10'000);
    EXPECT_EQ(over->requested, 4'000);
    EXPECT_EQ(over->reset_at, from_rfc3339("2024-10-05T00:00:00Z").value());
    const auto full = over_budget(budget, {.queued = 2}, wanted);
    ASSERT_TRUE(full);
    EXPECT_EQ(full->limit, OverBudget::Limit::max_queued);
    EXPECT_EQ(full->reset_at, std::nullopt);
    EXPECT_FALSE(over_budget({}, {.used = 1'000'000, .reserved = 0, .queued = 1'000'000}, wanted)) << "no limit";
}

TEST(Budget, counts_days_from_midnight_to_midnight_in_utc) {
    const auto day = budget_day(from_rfc3339("2026-11-22T23:59:59.999Z").value());
    EXPECT_EQ(budget_day(from_rfc3339("2026-11-22T00:00:00Z").value()), day);
    EXPECT_EQ(budget_day(from_rfc3339("2026-11-23T00:00:00Z").value()), day + 1);
    EXPECT_EQ(to_rfc3339(end_of_day(day)), "2026-11-23T00:00:00.000Z");
}

TEST(Budget, rounds_credits_to_thousandths_and_cuts_nonsense) {
    EXPECT_EQ(to_millicredits(4.5), 4'500);
    EXPECT_EQ(to_millicredits(0.0004), 0);
    EXPECT_EQ(to_millicredits(-3), 0);
    EXPECT_EQ(to_millicredits(std::numeric_limits<double>::quiet_NaN()), 0);
    EXPECT_EQ(to_millicredits(std::numeric_limits<double>::infinity()), 1'000'000'000'000);
    EXPECT_EQ(to_credits(1'500), 1.5);
}

}  // namespace
}  // namespace genq
