#pragma once
#include <cstdint>
#include <optional>

#include "common/core/clock.hpp"

namespace genq {

struct Job;

/// Credits in whole thousandths: sums of them neither drift nor depend on their order.
using Millicredits = std::int64_t;
/// Rounded to the nearest; what is no sane number of credits (negative, above a billion) is cut to the range.
[[nodiscard]] Millicredits to_millicredits(double credits);
[[nodiscard]] double to_credits(Millicredits amount);

/// The UTC day of a time, counted from 1970: whose budget a job is charged to (DESIGN.md, "Budgets and usage").
[[nodiscard]] std::int64_t budget_day(WallTime time);
/// When that day is over.
[[nodiscard]] WallTime end_of_day(std::int64_t day);

/// What somebody may use. 0: no limit.
struct Budget {
    Millicredits credits_per_day = 0;
    std::int64_t max_queued = 0;   ///< jobs in `queued`
    std::int64_t max_running = 0;  ///< jobs in `submitting` and `generating`; more of them wait
};

/// The budgets that a job has to fit into when it is accepted, and what its price is taken from.
struct Admission {
    Budget daemon{};
    Budget caller{};                      ///< of the job's own caller
    std::optional<Millicredits> price{};  ///< the catalogue's
    Millicredits unknown_credits = 0;     ///< for a model that has no price and was never seen to cost anything
};

/// What is used of one budget.
struct BudgetUse {
    Millicredits used = 0;
    Millicredits reserved = 0;
    std::int64_t queued = 0;
};

/// Why a job is not accepted: the limit that it does not fit under.
struct OverBudget {
    enum class Limit { credits_per_day, max_queued };
    Limit limit{};
    bool own = false;  ///< its caller's own budget; false: the daemon's
    /// Of credits_per_day in thousandths, of max_queued in jobs (of which none is reserved).
    std::int64_t allowed = 0;
    std::int64_t used = 0;
    std::int64_t reserved = 0;
    std::int64_t requested = 0;
    std::optional<WallTime> reset_at{};  ///< of credits_per_day
};

/// What a create takes of a budget.
struct Reservation {
    std::int64_t day = 0;
    Millicredits price = 0;
};

/// The limit of `budget` that one more job would break. Pure.
[[nodiscard]] std::optional<OverBudget> over_budget(const Budget& budget, const BudgetUse& use,
                                                    const Reservation& wanted);

/// What a job weighs in its budgets. A job that is retried with a new create pays again: what its earlier creates cost
/// stays in the sums.
struct Charge {
    std::int64_t day = 0;       ///< whose sums its present create counts in
    Millicredits estimate = 0;  ///< the price of its present create
    Millicredits earlier_told = 0;
    Millicredits earlier_assumed = 0;

    // All of it, kept by charge_of().
    Millicredits told = 0;      ///< kie.ai said so
    Millicredits assumed = 0;   ///< billed, or never settled, without a word of how much: the estimate
    Millicredits reserved = 0;  ///< may still be billed
    [[nodiscard]] Millicredits used() const { return told + assumed; }
};

/// The charge as the job's bill is now. Pure.
[[nodiscard]] Charge charge_of(const Job& job);
/// The charge once the present create is given up for another: what it cost, or may have cost, counts as used. Pure.
[[nodiscard]] Charge closed_charge(const Job& job);

}  // namespace genq
