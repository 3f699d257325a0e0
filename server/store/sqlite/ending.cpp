#include <algorithm>

#include "common/core/rfc3339.hpp"
#include "server/store/retry_rules.hpp"
#include "server/store/sqlite/operations.hpp"
#include "server/store/sqlite/rows.hpp"

namespace genq::store::sqlite {

namespace {

constexpr char select_overdue[] = "SELECT " GENQ_JOB_COLUMNS R"(
    FROM jobs WHERE deadline_at IS NOT NULL AND step <> 'none' AND deadline_at <= :now
    ORDER BY deadline_at LIMIT :limit)";

constexpr char select_unsent[] = "SELECT " GENQ_JOB_COLUMNS R"(
    FROM jobs WHERE status IN ('queued', 'submitting') AND row <= :last LIMIT :limit)";

constexpr char drop_submissions[] = "DELETE FROM submissions WHERE row = :row";

/// Forgets the task and what it made: a new one is going to be asked for.
void forget_task(Job& job) {
    job.task_id.clear();
    job.endpoint.clear();
    job.upstream_state.clear();
    job.submitted_at.reset();
    job.generated_at.reset();
    job.last_polled_at.reset();
    job.polls = 0;
    job.outputs.clear();
    job.result.reset();
    job.credits.reset();
}

void take_up(Job& job, RetryTarget target, const RetryOptions& options, WallTime now) {
    // A create whose outcome never came may still be answered, and one that asked for a callback be called for: their
    // attempt numbers must not be used again.
    const bool answer_may_come = job.billed == Billed::unknown || job.lost_creates > 0 || job.calls_back;
    switch (target) {
        case RetryTarget::queue:
            forget_task(job);
            job.billed = Billed::no;
            job.lost_creates = 0;  // its caller said so: what they may have cost is booked
            if (!answer_may_come) job.attempts = 0;
            job.reused_from.reset();
            move_to(job, JobStatus::queued, Step::submit, {}, now);
            break;
        case RetryTarget::poll:
            // Its longest wait starts over too.
            job.submitted_at = now;
            job.generated_at.reset();
            job.outputs.clear();
            move_to(job, JobStatus::generating, Step::poll, options.next_poll_at, now);
            break;
        case RetryTarget::download:
            move_to(job, JobStatus::downloading, Step::download, now, now);
            break;
    }
    job.counted_attempts = 0;
    job.generation_tries = 0;
    job.download_attempts = 0;
    job.error.reset();
    job.deadline_at = options.deadline_at;
}

JobError deadline_error() {
    JobError error;
    error.code = JobErrorCode::deadline_exceeded;
    error.message = "the job was not finished by its deadline";
    error.advice = "Retry it, without a deadline or with a later one.";
    error.retryable = true;
    return error;
}

std::vector<JobId> fail_all(Write& write, std::vector<Job>& jobs, const JobError& error) {
    std::vector<JobId> failed;
    for (auto& job : jobs) {
        const auto from = job.status;
        job.error = error;
        move_to(job, JobStatus::failed, Step::none, {}, write.now);
        save(write, job, {.from = from, .detail = to_string(error.code)});
        failed.push_back(job.id);
    }
    return failed;
}

JobError unsent_error() {
    JobError error;
    error.code = JobErrorCode::submit_unknown;
    error.message =
        "the job was not submitted yet in the backup that was restored, so it may have been submitted since";
    error.advice = "See in kie.ai's own task log whether the task exists; retry with {\"resubmit\":true} pays anew.";
    error.retryable = true;
    return error;
}

}  // namespace

Result<Job> cancel(Write& write, JobId id) {
    auto job = load_job(write.db, id);
    if (!job) return job;
    if (is_terminal(job->status)) {
        return fail(errc::conflict, "the job has ended already: it is " + std::string(to_string(job->status)));
    }
    const auto from = job->status;
    move_to(*job, JobStatus::canceled, Step::none, {}, write.now);
    if (!job->outputs.empty()) {
        std::erase_if(job->outputs, [](const Output& output) { return !output.digest; });
        replace_outputs(write, *job);
    }
    save(write, *job, {.from = from});
    return job;
}

Result<Accepted> retry(Write& write, JobId id, const RetryOptions& options, const std::optional<IdempotencyKey>& key) {
    if (key) {
        auto made = find_key(write.db, *key);
        if (!made) return std::unexpected(std::move(made.error()));
        if (*made) return Accepted{std::move(**made), true};
    }
    auto job = load_job(write.db, id);
    if (!job) return std::unexpected(std::move(job.error()));
    const auto target = retry_target(*job, options.resubmit);
    if (!target) return std::unexpected(target.error());
    if (*target == RetryTarget::queue) {
        const auto reserved = reserve(write, *job, options.admission);
        if (!reserved) return Accepted{.job = {}, .refused = reserved.error()};
        // What was paid so far belongs to the day that it was reserved on; the new create to today.
        book(write, *job, closed_charge(*job));
        job->charge.day = reserved->day;
        job->charge.estimate = reserved->price;
    }
    if (*target == RetryTarget::queue) {
        if (const auto broken = broken_dependency(write, *job)) {
            return fail(errc::conflict, broken->message + ": retry that one first");
        }
    }
    const auto from = job->status;
    take_up(*job, *target, options, write.now);
    if (*target == RetryTarget::queue && job->links != 0) place_in_queue(write, *job);
    replace_outputs(write, *job);
    save(write, *job, {.from = from, .retry = true, .detail = "retry"});
    stop_late_watch(write, id);
    // Attempts start over, and with them the callback tokens.
    if (job->attempts == 0) write.db.query(drop_submissions).bind(":row", id.row()).run();
    if (key) remember_key(write, *key, id);
    return Accepted{std::move(*job), false};
}

Result<void> record_failure(Write& write, const Failure& failure) {
    auto job = load_job(write.db, failure.id);
    if (!job) return std::unexpected(std::move(job.error()));
    const bool its_answer = failure.attempt && job->attempts == *failure.attempt;
    if (its_answer && ended_in_flight(*job) && failure.billed.value_or(Billed::unknown) != Billed::unknown) {
        // Canceled while its create was under way: what that costs is known now.
        job->billed = *failure.billed == Billed::no ? unpaid(*job) : *failure.billed;
        save(write, *job, {.from = job->status});
    }
    const bool not_its = failure.attempt && (job->status != JobStatus::submitting || !its_answer);
    if (is_terminal(job->status) || not_its) {
        return fail(errc::conflict, "job " + failure.id.text() + " is " + std::string(to_string(job->status)));
    }
    const auto from = job->status;
    job->error = failure.error;
    if (!failure.upstream_state.empty()) job->upstream_state = failure.upstream_state;
    if (failure.billed) job->billed = *failure.billed == Billed::no ? unpaid(*job) : *failure.billed;
    if (failure.credits) job->credits = failure.credits;
    if (failure.polled) {
        ++job->polls;
        job->last_polled_at = write.now;
    }
    move_to(*job, JobStatus::failed, Step::none, {}, write.now);
    save(write, *job, {.from = from, .detail = to_string(failure.error.code), .since = failure.ended_at});
    if (failure.late_look_at) watch_late(write, job->id, *failure.late_look_at);
    return {};
}

Result<std::vector<JobId>> expire_deadlines(Write& write, int limit) {
    std::vector<Job> overdue;
    {
        auto query = write.db.query(select_overdue);
        query.bind(":now", to_ms(write.now)).bind(":limit", limit);
        auto jobs = read_jobs(write.db, query);
        if (!jobs) return std::unexpected(std::move(jobs.error()));
        overdue = std::move(*jobs);
    }
    return fail_all(write, overdue, deadline_error());
}

Result<std::vector<JobId>> fail_unsent(Write& write, std::int64_t last_row, int limit) {
    std::vector<Job> unsent;
    {
        auto query = write.db.query(select_unsent);
        query.bind(":last", last_row).bind(":limit", limit);
        auto jobs = read_jobs(write.db, query);
        if (!jobs) return std::unexpected(std::move(jobs.error()));
        unsent = std::move(*jobs);
    }
    for (auto& job : unsent) {
        job.billed = Billed::unknown;
        // It may have gone on by itself since.
        job.reused_from.reset();
        job.credits.reset();
    }
    return fail_all(write, unsent, unsent_error());
}

}  // namespace genq::store::sqlite
