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
constexpr char first_caller[] = R"(
    SELECT caller FROM jobs WHERE step = 'submit' AND priority = :priority ORDER BY caller LIMIT 1)";
constexpr char next_caller[] = R"(
    SELECT caller FROM jobs WHERE step = 'submit' AND priority = :priority AND caller > :caller
    ORDER BY caller LIMIT 1)";
constexpr char first_of_caller[] = R"(
    SELECT row FROM jobs WHERE step = 'submit' AND priority = :priority AND caller = :caller
        AND row NOT IN (SELECT value FROM json_each(:taken)) AND model NOT IN (SELECT value FROM json_each(:held))
    ORDER BY row LIMIT 1)";
constexpr char select_job[] = "SELECT " GENQ_JOB_COLUMNS " FROM jobs WHERE row = :row";

// Counting stops at a limit, so that it costs the same in a queue of millions.
constexpr char count_above[] = R"(
    SELECT priority, caller, count(*) FROM (
        SELECT priority, caller FROM jobs WHERE step = 'submit' AND priority > :priority
        ORDER BY priority DESC, caller LIMIT :limit)
    GROUP BY priority, caller ORDER BY priority DESC, caller)";
constexpr char count_of_caller[] = R"(
    SELECT count(*) FROM (
        SELECT 1 FROM jobs WHERE step = 'submit' AND priority = :priority AND caller = :caller AND row < :before
        LIMIT :limit))";

constexpr int furthest_position = 1'000;

std::optional<std::int64_t> one_integer(sql::Query& query) {
    return query.step() ? std::optional(query.integer(0)) : std::nullopt;
}

/// The callers that have something ready at a priority, in the order of their turns: after `last`, going round.
std::vector<std::string> turns(sql::Connection& db, std::int64_t priority, const std::string& last) {
    std::vector<std::string> callers;
    const auto step = [&](sql::Query& query) {
        if (!query.step()) return false;
        callers.emplace_back(query.text(0));
        return true;
    };
    if (!step(db.query(first_caller).bind(":priority", priority))) return callers;
    while (step(db.query(next_caller).bind(":priority", priority).bind(":caller", callers.back()))) {
    }
    const auto first = std::ranges::upper_bound(callers, last);
    std::ranges::rotate(callers, first);
    return callers;
}

template <class Values>
std::string to_json(const Values& values) {
    json::array array;
    for (const auto& value : values) array.emplace_back(value);
    return json::serialize(array);
}

int count_before(sql::Connection& db, int priority, const std::string& caller, std::int64_t before, int limit) {
    auto query = db.query(count_of_caller);
    query.bind(":priority", priority).bind(":caller", caller).bind(":before", before).bind(":limit", limit);
    return static_cast<int>(one_integer(query).value_or(0));
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

}  // namespace

Result<std::optional<Job>> next_ready(sql::Connection& db, const std::string& last_caller,
                                      const std::set<std::string>& held, const std::set<std::int64_t>& taken) {
    const auto held_json = to_json(held);
    const auto taken_json = to_json(taken);
    std::optional<std::int64_t> priority;
    {
        auto query = db.query(top_priority);
        priority = one_integer(query);
    }
    while (priority) {
        for (const auto& caller : turns(db, *priority, last_caller)) {
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

Result<std::optional<int>> position(sql::Connection& db, JobId id, const std::string& last_caller) {
    const auto job = load_job(db, id);
    if (!job) return std::unexpected(job.error());
    if (job->step != Step::submit) return std::nullopt;

    // All of higher priority go first, level by level; each level leaves the turn with someone.
    int ahead = 0;
    std::string last = last_caller;
    {
        auto query = db.query(count_above);
        query.bind(":priority", job->priority).bind(":limit", furthest_position + 1);
        std::map<std::string, std::int64_t> level;
        std::optional<std::int64_t> level_priority;
        while (query.step()) {
            if (level_priority && *level_priority != query.integer(0)) {
                last = last_of_level(level, last);
                level.clear();
            }
            level_priority = query.integer(0);
            level[std::string(query.text(1))] = query.integer(2);
            ahead += static_cast<int>(query.integer(2));
        }
        if (!level.empty()) last = last_of_level(level, last);
    }
    if (ahead > furthest_position) return std::nullopt;

    // Before the job's own turn in round k, each other caller has had k turns, and those before it in the round k + 1.
    const int own = count_before(db, job->priority, job->caller, id.row(), furthest_position + 1);
    ahead += own;
    bool comes_before = true;
    for (const auto& caller : turns(db, job->priority, last)) {
        if (ahead > furthest_position) return std::nullopt;
        if (caller == job->caller) {
            comes_before = false;
            continue;
        }
        const int rounds = own + (comes_before ? 1 : 0);
        ahead += count_before(db, job->priority, caller, std::numeric_limits<std::int64_t>::max(), rounds);
    }
    if (ahead > furthest_position) return std::nullopt;
    return ahead;
}

}  // namespace genq::store::sqlite
