#include "server/store/sqlite/ready_order.hpp"

#include <algorithm>

namespace genq::store::sqlite {

namespace {

constexpr char count_above[] = R"(
    SELECT priority, caller, count(*) FROM (
        SELECT priority, caller FROM jobs WHERE step = 'submit' AND priority > :priority
        ORDER BY priority DESC, caller LIMIT :limit)
    GROUP BY priority, caller ORDER BY priority DESC, caller)";
constexpr char count_of_caller[] = R"(
    SELECT count(*) FROM (
        SELECT 1 FROM jobs WHERE step = 'submit' AND priority = :priority AND caller = :caller AND row < :before
        LIMIT :limit))";
constexpr char rows_of_caller[] = R"(
    SELECT row FROM jobs WHERE step = 'submit' AND priority = :priority AND caller = :caller
    ORDER BY row LIMIT :limit)";
// Each of these is one step down the index jobs_ready, however many jobs are ready.
constexpr char first_caller[] = R"(
    SELECT caller FROM jobs WHERE step = 'submit' AND priority = :priority ORDER BY caller LIMIT 1)";
constexpr char next_caller[] = R"(
    SELECT caller FROM jobs WHERE step = 'submit' AND priority = :priority AND caller > :caller
    ORDER BY caller LIMIT 1)";

// Lines take 8 KB each: so many are kept at most.
constexpr std::size_t most_lines = 32;

}  // namespace

const std::vector<ReadyOrder::Share>& ReadyOrder::above(sql::Connection& db, int priority) {
    const auto [place, is_new] = above_.try_emplace(priority);
    auto& shares = place->second;
    if (!is_new) return shares;
    auto query = db.query(count_above);
    query.bind(":priority", priority).bind(":limit", furthest + 1);
    while (query.step()) {
        shares.push_back(
            {static_cast<int>(query.integer(0)), std::string(query.text(1)), static_cast<int>(query.integer(2))});
    }
    return shares;
}

const std::vector<std::string>& ReadyOrder::callers(sql::Connection& db, int priority) {
    const auto [place, is_new] = callers_.try_emplace(priority);
    auto& names = place->second;
    if (!is_new) return names;
    const auto step = [&names](sql::Query& query) {
        if (!query.step()) return false;
        names.emplace_back(query.text(0));
        return true;
    };
    if (!step(db.query(first_caller).bind(":priority", priority))) return names;
    while (step(db.query(next_caller).bind(":priority", priority).bind(":caller", names.back()))) {
    }
    return names;
}

int ReadyOrder::count_before(sql::Connection& db, int priority, const std::string& caller, std::int64_t row,
                             int limit) {
    if (lines_.size() >= most_lines) lines_.clear();
    Line& line = lines_[{priority, caller}];
    if (!line.asked) {
        // While jobs are accepted all the time a transaction sees one question: then counting is cheaper than keeping.
        line.asked = true;
        auto query = db.query(count_of_caller);
        query.bind(":priority", priority).bind(":caller", caller).bind(":before", row).bind(":limit", limit);
        return query.step() ? static_cast<int>(query.integer(0)) : 0;
    }
    if (line.rows.empty()) {
        auto query = db.query(rows_of_caller);
        query.bind(":priority", priority).bind(":caller", caller).bind(":limit", furthest + 1);
        while (query.step()) line.rows.push_back(query.integer(0));
    }
    const auto before = std::ranges::lower_bound(line.rows, row) - line.rows.begin();
    return static_cast<int>(std::min<std::ptrdiff_t>(before, limit));
}

void ReadyOrder::forget() {
    above_.clear();
    callers_.clear();
    lines_.clear();
}

}  // namespace genq::store::sqlite
