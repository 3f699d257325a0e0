#include <algorithm>

#include "common/core/rfc3339.hpp"
#include "server/store/sqlite/operations.hpp"
#include "server/store/sqlite/rows.hpp"

namespace genq::store::sqlite {

namespace {

constexpr char select_over[] = "SELECT " GENQ_JOB_COLUMNS R"(
    FROM jobs INDEXED BY jobs_waiting WHERE step = 'wait' AND wait_reason IN ('scheduled', 'retry_backoff')
        AND step_at <= :now ORDER BY step_at LIMIT :limit)";
constexpr char first_wait[] = R"(
    SELECT min(step_at) FROM jobs INDEXED BY jobs_waiting
    WHERE step = 'wait' AND wait_reason IN ('scheduled', 'retry_backoff'))";
constexpr char first_deadline[] = "SELECT min(deadline_at) FROM jobs WHERE deadline_at IS NOT NULL AND step <> 'none'";
constexpr char select_timed[] = "SELECT " GENQ_JOB_COLUMNS R"(
    FROM jobs WHERE step = :step AND step_at IS NOT NULL ORDER BY step_at LIMIT :limit)";
constexpr char select_ready[] = "SELECT " GENQ_JOB_COLUMNS R"(
    FROM jobs WHERE step = 'submit' ORDER BY priority DESC, caller, row LIMIT :limit)";
constexpr char first_late[] = "SELECT row, next_at FROM late_watch ORDER BY next_at LIMIT 1";
constexpr char put_late[] = "INSERT OR REPLACE INTO late_watch(row, next_at) VALUES(:row, :next)";
constexpr char drop_late[] = "DELETE FROM late_watch WHERE row = :row";

}  // namespace

Result<int> promote_waiting(Write& write, int limit) {
    std::vector<Job> over;
    {
        auto query = write.db.query(select_over);
        query.bind(":now", to_ms(write.now)).bind(":limit", limit);
        auto jobs = read_jobs(write.db, query);
        if (!jobs) return std::unexpected(std::move(jobs.error()));
        over = std::move(*jobs);
    }
    for (auto& job : over) {
        place_in_queue(write, job);
        save(write, job, {.from = JobStatus::queued});
    }
    return static_cast<int>(over.size());
}

Result<std::optional<WallTime>> next_due(sql::Connection& db) {
    std::optional<std::int64_t> first;
    for (const char* sql : {first_wait, first_deadline}) {
        auto query = db.query(sql);
        if (!query.step()) continue;
        const auto at = query.maybe_integer(0);
        if (at) first = std::min(first.value_or(*at), *at);
    }
    return first ? std::optional(from_ms(*first)) : std::nullopt;
}

Result<std::vector<Job>> with_step(sql::Connection& db, Step step, int limit) {
    if (step == Step::none) return fail(errc::invalid_argument, "jobs that have ended have no next step");
    auto query = db.query(step == Step::submit ? select_ready : select_timed);
    if (step != Step::submit) query.bind(":step", to_string(step));
    query.bind(":limit", limit);
    return read_jobs(db, query);
}

Result<std::optional<LateLook>> late_first(sql::Connection& db) {
    std::int64_t row = 0;
    LateLook first;
    {
        auto query = db.query(first_late);
        if (!query.step()) return std::nullopt;
        row = query.integer(0);
        first.at = from_ms(query.integer(1));
    }
    auto query = db.query(select_job);
    query.bind(":row", row);
    if (!query.step()) return std::nullopt;
    auto job = read_job(db, query);
    if (!job) return std::unexpected(std::move(job.error()));
    first.job = std::move(*job);
    return first;
}

Result<void> record_late_look(Write& write, JobId id, std::optional<WallTime> next) {
    if (!next) {
        stop_late_watch(write, id);
        return {};
    }
    auto job = load_job(write.db, id);
    if (!job) return std::unexpected(std::move(job.error()));
    // Retried or revived meanwhile: then it is looked after elsewhere.
    if (job->status != JobStatus::failed) return fail(errc::conflict, "job " + id.text() + " is taken up again");
    watch_late(write, id, *next);
    return {};
}

void watch_late(Write& write, JobId id, WallTime next) {
    write.db.query(put_late).bind(":row", id.row()).bind(":next", to_ms(next)).run();
}

void stop_late_watch(Write& write, JobId id) {
    write.db.query(drop_late).bind(":row", id.row()).run();
}

}  // namespace genq::store::sqlite
