#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <limits>
#include <map>

#include "server/store/sqlite/operations.hpp"
#include "server/store/sqlite/rows.hpp"

namespace genq::store::sqlite {

namespace json = boost::json;

namespace {

// Each of these is one step down the index jobs_ready, however many jobs are ready.
constexpr char top_priority[] = "SELECT priority FROM jobs WHERE step = 'submit' ORDER BY priority DESC LIMIT 1";
constexpr char next_priority[] = R"(
    SELECT priority FROM jobs WHERE step = 'submit' AND priority < :priority ORDER BY priority DESC LIMIT 1)";
constexpr char first_of_caller[] = R"(
    SELECT row FROM jobs WHERE step = 'submit' AND priority = :priority AND caller = :caller
        AND row NOT IN (SELECT value FROM json_each(:taken)) AND model NOT IN (SELECT value FROM json_each(:held))
    ORDER BY row LIMIT 1)";
constexpr char count_of_ready[] = R"(
    SELECT count(*) FROM (SELECT 1 FROM jobs WHERE step = 'submit'
        AND model NOT IN (SELECT value FROM json_each(:held)) LIMIT :limit))";
// Reads every job that is ready: for once in minutes.
constexpr char select_cheapest[] = "SELECT " GENQ_JOB_COLUMNS R"(
    FROM jobs WHERE row = (
        SELECT row FROM jobs INDEXED BY jobs_by_status WHERE status = 'queued' AND step = 'submit'
            AND row NOT IN (SELECT value FROM json_each(:taken)) AND model NOT IN (SELECT value FROM json_each(:held))
            AND caller NOT IN (SELECT value FROM json_each(:full))
        ORDER BY estimate, row LIMIT 1))";

std::optional<std::int64_t> one_integer(sql::Query& query) {
    return query.step() ? std::optional(query.integer(0)) : std::nullopt;
}

/// The callers in the order of their turns: after `last`, going round.
std::vector<std::string> turns(std::vector<std::string> callers, const std::string& last) {
    std::ranges::rotate(callers, std::ranges::upper_bound(callers, last));
    return callers;
}

template <class Values>
std::string to_json(const Values& values) {
    json::array array;
    for (const auto& value : values) array.emplace_back(value);
    return json::serialize(array);
}

/// Who has the last turn when all these jobs of one priority have had theirs.
std::string last_of_level(const std::map<std::string, std::int64_t>& jobs, const std::string& last) {
    std::int64_t most = 0;
    for (const auto& [caller, count] : jobs) most = std::max(most, count);
    // The last round is among those who have the most; in it the one before `last` (going round) comes last.
    std::string before;
    std::string highest;
    bool found = false;
    for (const auto& [caller, count] : jobs) {
        if (count != most) continue;
        if (caller <= last) {
            before = caller;
            found = true;
        }
        highest = caller;
    }
    return found ? before : highest;
}

/// How many ready jobs go before this one, which is ready too.
std::optional<int> position(Read& read, const Job& job, const std::string& last_caller) {
    // All of higher priority go first, level by level; each level leaves the turn with someone.
    int ahead = 0;
    std::string last = last_caller;
    std::map<std::string, std::int64_t> level;
    std::optional<int> level_priority;
    for (const auto& share : read.order.above(read.db, job.priority)) {
        if (level_priority && *level_priority != share.priority) {
            last = last_of_level(level, last);
            level.clear();
        }
        level_priority = share.priority;
        level[share.caller] = share.jobs;
        ahead += share.jobs;
    }
    if (!level.empty()) last = last_of_level(level, last);
    if (ahead > ReadyOrder::furthest) return std::nullopt;

    // Before the job's own turn in round k, each other caller has had k turns, and those before it in the round k + 1.
    const int own = read.order.count_before(read.db, job.priority, job.caller, job.id.row(), ReadyOrder::furthest + 1);
    ahead += own;
    bool comes_before = true;
    for (const auto& caller : turns(read.order.callers(read.db, job.priority), last)) {
        if (ahead > ReadyOrder::furthest) return std::nullopt;
        if (caller == job.caller) {
            comes_before = false;
            continue;
        }
        const int rounds = own + (comes_before ? 1 : 0);
        ahead +=
            read.order.count_before(read.db, job.priority, caller, std::numeric_limits<std::int64_t>::max(), rounds);
    }
    if (ahead > ReadyOrder::furthest) return std::nullopt;
    return ahead;
}

}  // namespace

Result<std::optional<Job>> next_ready(Read& read, const std::string& last_caller, const PassedOver& passed_over) {
    sql::Connection& db = read.db;
    const auto held_json = to_json(passed_over.models);
    const auto taken_json = to_json(passed_over.rows);
    std::optional<std::int64_t> priority;
    {
        auto query = db.query(top_priority);
        priority = one_integer(query);
    }
    while (priority) {
        for (const auto& caller : turns(read.order.callers(db, static_cast<int>(*priority)), last_caller)) {
            if (passed_over.callers.contains(caller)) continue;
            std::optional<std::int64_t> row;
            {
                auto query = db.query(first_of_caller);
                query.bind(":priority", *priority).bind(":caller", caller);
                query.bind(":taken", taken_json).bind(":held", held_json);
                row = one_integer(query);
            }
            if (!row) continue;
            auto query = db.query(select_job);
            query.bind(":row", *row);
            if (!query.step()) break;
            auto job = read_job(db, query);
            if (!job) return std::unexpected(std::move(job.error()));
            return std::move(*job);
        }
        auto query = db.query(next_priority);
        query.bind(":priority", *priority);
        priority = one_integer(query);
    }
    return std::nullopt;
}

Result<int> count_ready(sql::Connection& db, const std::set<std::string>& held, int limit) {
    auto query = db.query(count_of_ready);
    query.bind(":held", to_json(held)).bind(":limit", limit);
    return query.step() ? static_cast<int>(query.integer(0)) : 0;
}

Result<std::optional<Job>> cheapest_ready(Read& read, const PassedOver& passed_over) {
    const auto held_json = to_json(passed_over.models);
    const auto taken_json = to_json(passed_over.rows);
    const auto full_json = to_json(passed_over.callers);
    auto query = read.db.query(select_cheapest);
    query.bind(":taken", taken_json).bind(":held", held_json).bind(":full", full_json);
    if (!query.step()) return std::nullopt;
    auto job = read_job(read.db, query);
    if (!job) return std::unexpected(std::move(job.error()));
    return std::move(*job);
}

Result<Placed> get_placed(Read& read, JobId id, const std::string& last_caller) {
    auto job = load_job(read.db, id);
    if (!job) return std::unexpected(std::move(job.error()));
    Placed placed{std::move(*job), std::nullopt};
    if (placed.job.step == Step::submit) placed.position = position(read, placed.job, last_caller);
    return placed;
}

}  // namespace genq::store::sqlite
