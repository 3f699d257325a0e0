#pragma once
#include <string_view>
#include <vector>

#include "server/domain/job.hpp"
#include "server/store/sqlite/writer.hpp"

/// The columns that read_job() reads, in its order; for statements to be put together at compile time.
#define GENQ_JOB_COLUMNS                                                                                             \
    "row, id, status, step, step_at, wait_reason, version, priority, caller, model, wire_model, family, kind, "      \
    "profile, scheduled_at, deadline_at, max_attempts, generation_retries, longest_wait_s, created_at, updated_at, " \
    "submitted_at, generated_at, finished_at, attempts, counted_attempts, generation_tries, task_id, endpoint, "     \
    "upstream_state, polls, last_polled_at, download_attempts, billed, credits, error_code, error, result, "         \
    "warnings, labels, input, links, sent_input, sent_until, budget_day, estimate, earlier_told, earlier_assumed, "  \
    "told, assumed, reserved, batch, reuse_key, reused_from, lost_creates, sum, traceparent, tracestate, "           \
    "EXISTS(SELECT 1 FROM submissions s WHERE s.row = jobs.row AND s.attempt = jobs.attempts)"

namespace genq::store::sqlite {

inline constexpr char select_job[] = "SELECT " GENQ_JOB_COLUMNS " FROM jobs WHERE row = :row";
inline constexpr char delete_outputs[] = "DELETE FROM outputs WHERE row = :row";

/// Of Job::links: others wait for its result, to take it as theirs (DESIGN.md, "Reuse").
inline constexpr int link_followed = 8;

/// Of Job::links: it has a webhook (DESIGN.md, "Webhooks").
inline constexpr int link_told = 16;

/// Where a job waits that has a create in flight: past all times, until its outcome is recorded.
inline constexpr WallTime in_flight{std::chrono::milliseconds(253'402'300'799'000)};
/// Where a job waits that an event takes on and no time: past all times as well.
inline constexpr WallTime never_due = in_flight;

/// The job of the current row of a statement over GENQ_JOB_COLUMNS, outputs included. errc::corrupt.
[[nodiscard]] Result<Job> read_job(sql::Connection& db, const sql::Query& query);
/// errc::not_found.
[[nodiscard]] Result<Job> load_job(sql::Connection& db, JobId id);
/// All jobs that `query` gives.
[[nodiscard]] Result<std::vector<Job>> read_jobs(sql::Connection& db, sql::Query& query);

/// How a change of a job is written down.
struct Change {
    JobStatus from{};                 // what the job was
    bool retry = false;               // a caller asked for it: the ways back are open
    std::int64_t version_step = 1;    // 0: nothing that a reader sees
    std::string_view detail{};        // of the event, which is written when the status changed
    std::string_view event{};         // its name, if it is not the new status; written in any case
    std::optional<WallTime> since{};  // of the event, JobEvent::since
};

/// Writes what may change of a job (all but what NewJob fixes; the deadline may), checks the change of status against
/// may_become(), raises the version, books what it costs now, notes the event. Outputs are written by
/// replace_outputs().
void save(Write& write, Job& job, const Change& change);
void replace_outputs(Write& write, const Job& job);
void add_event(Write& write, const Job& job, std::string_view name, std::string_view detail,
               std::optional<WallTime> since = std::nullopt);

/// The job ended while its create was in flight: what the answer tells is still written down.
[[nodiscard]] bool ended_in_flight(const Job& job);

/// What a job is billed whose latest create proves to have cost nothing: an earlier one, lost, may have.
[[nodiscard]] Billed unpaid(const Job& job);

/// The lowest row of a job accepted at that time, in milliseconds, or later: rows are ordered by it.
[[nodiscard]] std::int64_t first_row_at(std::int64_t ms);

/// Sets status, next step and its time together. Terminal ones get finished_at, others lose it.
void move_to(Job& job, JobStatus status, Step step, WallTime step_at, WallTime now);

}  // namespace genq::store::sqlite
