#include "common/core/rfc3339.hpp"
#include "server/store/sqlite/operations.hpp"
#include "server/store/sqlite/rows.hpp"

namespace genq::store::sqlite {

namespace {

// Models that are passed through are the callers' words: those used last are kept.
constexpr int most_priced_models = 500;

constexpr char select_use[] = R"(
    SELECT coalesce(sum(used), 0), coalesce(sum(reserved), 0) FROM budget_days
    WHERE day = :day AND (:caller IS NULL OR caller = :caller))";
constexpr char select_queued[] = R"(
    SELECT coalesce(sum(jobs), 0) FROM queued_counts WHERE :caller IS NULL OR caller = :caller)";
constexpr char select_price[] = "SELECT credits FROM prices WHERE model = :model";
constexpr char upsert_price[] = R"(
    INSERT INTO prices(model, credits, updated_at) VALUES(:model, :credits, :now)
    ON CONFLICT(model) DO UPDATE SET credits = excluded.credits, updated_at = excluded.updated_at)";
constexpr char forget_oldest_price[] = R"(
    DELETE FROM prices WHERE model IN (SELECT model FROM prices ORDER BY updated_at DESC LIMIT -1 OFFSET :kept))";
// The row is there from the job's first reservation on: an upsert would check its first half for negative numbers.
constexpr char open_day[] = R"(
    INSERT INTO budget_days(day, caller, used, reserved) VALUES(:day, :caller, 0, 0) ON CONFLICT DO NOTHING)";
constexpr char add_to_day[] = R"(
    UPDATE budget_days SET used = used + :used, reserved = reserved + :reserved WHERE day = :day AND caller = :caller)";
constexpr char add_to_total[] = "UPDATE totals SET value = value + :used WHERE name = 'credits_used'";
constexpr char select_total[] = "SELECT value FROM totals WHERE name = 'credits_used'";

// The balance that was seen first, and what jobs had used by then; in thousandths.
constexpr char first_balance[] = "balance_first";
constexpr char first_used[] = "balance_first_used";

BudgetUse use_of(Write& write, const Budget& budget, std::int64_t day, std::optional<std::string_view> caller) {
    BudgetUse use;
    if (budget.credits_per_day > 0) {
        auto query = write.db.query(select_use);
        query.bind(":day", day).bind(":caller", caller);
        if (query.step()) {
            use.used = query.integer(0);
            use.reserved = query.integer(1);
        }
    }
    if (budget.max_queued > 0) {
        auto query = write.db.query(select_queued);
        query.bind(":caller", caller);
        if (query.step()) use.queued = query.integer(0);
    }
    return use;
}

Millicredits price_of(Write& write, const std::string& model, const Admission& admission) {
    if (admission.price) return *admission.price;
    auto query = write.db.query(select_price);
    query.bind(":model", model);
    return query.step() ? query.integer(0) : admission.unknown_credits;
}

std::optional<Millicredits> amount(sql::Connection& db, const char* name) {
    const auto text = fact(db, name);
    if (!text || !*text) return std::nullopt;
    return std::stoll(**text);
}

}  // namespace

std::expected<Reservation, OverBudget> reserve(Write& write, const NewJob& job, const Admission& admission) {
    const Reservation wanted{budget_day(write.now), price_of(write, job.model, admission)};
    const auto own = use_of(write, admission.caller, wanted.day, job.caller);
    if (auto over = over_budget(admission.caller, own, wanted)) {
        over->own = true;
        return std::unexpected(*over);
    }
    const auto all = use_of(write, admission.daemon, wanted.day, std::nullopt);
    if (const auto over = over_budget(admission.daemon, all, wanted)) return std::unexpected(*over);
    return wanted;
}

void book(Write& write, Job& job, const Charge& charge) {
    const Millicredits used = charge.used() - job.charge.used();
    const Millicredits reserved = charge.reserved - job.charge.reserved;
    job.charge = charge;
    if (used == 0 && reserved == 0) return;
    write.db.query(open_day).bind(":day", charge.day).bind(":caller", job.caller).run();
    write.db.query(add_to_day)
        .bind(":used", used)
        .bind(":reserved", reserved)
        .bind(":day", charge.day)
        .bind(":caller", job.caller)
        .run();
    if (used != 0) write.db.query(add_to_total).bind(":used", used).run();
}

void save_price(Write& write, const std::string& model, double credits) {
    write.db.query(upsert_price)
        .bind(":model", model)
        .bind(":credits", to_millicredits(credits))
        .bind(":now", to_ms(write.now))
        .run();
    write.db.query(forget_oldest_price).bind(":kept", most_priced_models).run();
}

Result<double> record_balance(Write& write, double balance) {
    const Millicredits now = to_millicredits(balance);
    Millicredits used = 0;
    {
        auto query = write.db.query(select_total);
        if (query.step()) used = query.integer(0);
    }
    const auto first = amount(write.db, first_balance);
    const auto used_then = amount(write.db, first_used);
    if (!first || !used_then) {
        if (auto set = set_fact(write, first_balance, std::to_string(now)); !set) return std::unexpected(set.error());
        if (auto set = set_fact(write, first_used, std::to_string(used)); !set) return std::unexpected(set.error());
        return 0.0;
    }
    return to_credits((*first - now) - (used - *used_then));
}

}  // namespace genq::store::sqlite
