#include <algorithm>

#include "common/core/rfc3339.hpp"
#include "server/store/sqlite/operations.hpp"
#include "server/store/sqlite/rows.hpp"

namespace genq::store::sqlite {

namespace {

constexpr char settle_interrupted[] = R"(
    UPDATE jobs SET step_at = :settle_at WHERE step = 'settle' AND step_at = :in_flight)";

std::unexpected<Error> not_in(const Job& job, std::string_view wanted) {
    return fail(errc::conflict,
                "job " + job.id.text() + " is " + std::string(to_string(job.status)) + ", not " + std::string(wanted));
}

std::unexpected<Error> stale(const Job& job, int attempt) {
    return fail(errc::conflict, "job " + job.id.text() + " is past attempt " + std::to_string(attempt));
}

/// The job ended while its create was in flight: what the answer tells is still written down.
bool ended_in_flight(const Job& job) {
    return (job.status == JobStatus::canceled || job.status == JobStatus::failed) && job.billed == Billed::unknown;
}

}  // namespace

Result<void> record_intent(Write& write, const Intent& intent) {
    auto job = load_job(write.db, intent.id);
    if (!job) return std::unexpected(std::move(job.error()));
    if (job->step != Step::submit) return not_in(*job, "ready to be submitted");
    if (job->attempts + 1 != intent.attempt) return stale(*job, intent.attempt);
    ++job->attempts;
    job->billed = Billed::unknown;
    move_to(*job, JobStatus::submitting, Step::settle, in_flight, write.now);
    const auto detail = "attempt " + std::to_string(intent.attempt);
    // While it was queued readers saw version + queue_epoch: what they see next must be higher.
    save(write, *job, {.from = JobStatus::queued, .version_step = intent.queue_epoch + 1, .detail = detail});
    return {};
}

Result<void> record_not_created(Write& write, const Requeue& requeue) {
    auto job = load_job(write.db, requeue.id);
    if (!job) return std::unexpected(std::move(job.error()));
    if (job->attempts != requeue.attempt) return stale(*job, requeue.attempt);
    if (ended_in_flight(*job)) {
        job->billed = Billed::no;
        save(write, *job, {.from = job->status});
        return {};
    }
    if (job->status != JobStatus::submitting) return not_in(*job, "submitting");
    job->billed = Billed::no;
    if (requeue.counts) ++job->counted_attempts;
    if (requeue.not_before) {
        move_to(*job, JobStatus::queued, Step::wait, *requeue.not_before, write.now);
        job->wait_reason = QueueReason::retry_backoff;
    } else {
        move_to(*job, JobStatus::queued, Step::submit, {}, write.now);
    }
    save(write, *job, {.from = JobStatus::submitting, .detail = requeue.detail});
    return {};
}

Result<void> record_submitted(Write& write, const Submitted& submitted) {
    auto job = load_job(write.db, submitted.id);
    if (!job) return std::unexpected(std::move(job.error()));
    if (job->attempts != submitted.attempt) return stale(*job, submitted.attempt);
    const bool ended = ended_in_flight(*job);
    if (!ended && job->status != JobStatus::submitting) return not_in(*job, "submitting");
    const auto from = job->status;
    job->task_id = submitted.task_id;
    job->endpoint = submitted.endpoint;
    job->billed = submitted.billed;
    job->submitted_at = write.now;
    if (!ended) move_to(*job, JobStatus::generating, Step::poll, submitted.next_poll_at, write.now);
    save(write, *job, {.from = from});
    if (ended) return not_in(*job, "submitting any more; its task was written down");
    return {};
}

Result<void> record_unknown(Write& write, JobId id, int attempt, WallTime settle_at) {
    auto job = load_job(write.db, id);
    if (!job) return std::unexpected(std::move(job.error()));
    if (job->attempts != attempt) return stale(*job, attempt);
    if (job->status != JobStatus::submitting) return not_in(*job, "submitting");
    job->step_at = std::min(settle_at, in_flight);
    save(write, *job, {.from = JobStatus::submitting, .version_step = 0});
    return {};
}

Result<int> mark_interrupted(Write& write, WallTime settle_at) {
    // One whose outcome was recorded as unknown already keeps its time.
    write.db.query(settle_interrupted).bind(":settle_at", to_ms(settle_at)).bind(":in_flight", to_ms(in_flight)).run();
    return static_cast<int>(write.db.changes());
}

}  // namespace genq::store::sqlite
