#include "server/domain/budget.hpp"

#include <algorithm>
#include <cmath>

#include "common/core/rfc3339.hpp"
#include "server/domain/job.hpp"

namespace genq {

namespace {

constexpr double most_credits = 1e9;
constexpr std::int64_t day_ms = 24LL * 3600 * 1000;

/// A create may still be sent, or was sent and nobody knows what it cost.
bool bill_is_open(const Job& job) {
    if (job.billed == Billed::unknown) return true;
    if (job.reused_from) return false;  // it waits for another's result
    return job.billed == Billed::no && (job.status == JobStatus::queued || job.status == JobStatus::submitting);
}

}  // namespace

Millicredits to_millicredits(double credits) {
    if (!(credits > 0)) return 0;  // NaN too
    return std::llround(std::min(credits, most_credits) * 1000);
}

double to_credits(Millicredits amount) {
    return static_cast<double>(amount) / 1000;
}

std::int64_t budget_day(WallTime time) {
    return to_ms(time) / day_ms;
}

WallTime end_of_day(std::int64_t day) {
    return from_ms((day + 1) * day_ms);
}

std::optional<OverBudget> over_budget(const Budget& budget, const BudgetUse& use, const Reservation& wanted) {
    if (budget.credits_per_day > 0 && use.used + use.reserved + wanted.price > budget.credits_per_day) {
        return OverBudget{.limit = OverBudget::Limit::credits_per_day,
                          .allowed = budget.credits_per_day,
                          .used = use.used,
                          .reserved = use.reserved,
                          .requested = wanted.price,
                          .reset_at = end_of_day(wanted.day)};
    }
    if (budget.max_queued > 0 && use.queued >= budget.max_queued) {
        return OverBudget{.limit = OverBudget::Limit::max_queued,
                          .allowed = budget.max_queued,
                          .used = use.queued,
                          .requested = 1,
                          .reset_at = std::nullopt};
    }
    return std::nullopt;
}

Charge charge_of(const Job& job) {
    Charge charge = job.charge;
    charge.told = charge.earlier_told;
    charge.assumed = charge.earlier_assumed;
    charge.reserved = bill_is_open(job) ? charge.estimate : 0;
    if (job.billed == Billed::yes && job.credits) charge.told += to_millicredits(*job.credits);
    if (job.billed == Billed::yes && !job.credits) charge.assumed += charge.estimate;
    return charge;
}

Charge closed_charge(const Job& job) {
    Charge charge = charge_of(job);
    // Of unknown outcome: nobody will ever tell, and to give it back would let its caller spend more than the budget.
    if (job.billed == Billed::unknown) charge.assumed += charge.estimate;
    charge.reserved = 0;
    charge.estimate = 0;
    charge.earlier_told = charge.told;
    charge.earlier_assumed = charge.assumed;
    return charge;
}

}  // namespace genq
