#include <algorithm>

#include "common/core/rfc3339.hpp"
#include "common/crypto/hmac.hpp"
#include "server/store/sqlite/operations.hpp"
#include "server/store/sqlite/rows.hpp"

namespace genq::store::sqlite {

namespace {

constexpr char select_interrupted[] = "SELECT " GENQ_JOB_COLUMNS R"(
    FROM jobs WHERE step = 'settle' AND step_at = :in_flight)";
constexpr char put_submission[] = R"(
    INSERT OR REPLACE INTO submissions(row, attempt, token, task_id) VALUES(:row, :attempt, :token, ''))";
constexpr char drop_submission[] = "DELETE FROM submissions WHERE row = :row AND attempt = :attempt";
constexpr char name_task[] = "UPDATE submissions SET task_id = :task WHERE row = :row AND attempt = :attempt";
constexpr char select_submissions[] = "SELECT attempt, token, task_id FROM submissions WHERE row = :row";

std::unexpected<Error> not_in(const Job& job, std::string_view wanted) {
    return fail(errc::conflict,
                "job " + job.id.text() + " is " + std::string(to_string(job.status)) + ", not " + std::string(wanted));
}

std::unexpected<Error> stale(const Job& job, int attempt) {
    return fail(errc::conflict, "job " + job.id.text() + " is past attempt " + std::to_string(attempt));
}

void put_task_id(Write& write, const Job& job, int attempt, const std::string& task_id) {
    write.db.query(name_task).bind(":task", task_id).bind(":row", job.id.row()).bind(":attempt", attempt).run();
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
    if (!intent.token_sha256.empty()) {
        write.db.query(put_submission)
            .bind(":row", intent.id.row())
            .bind(":attempt", intent.attempt)
            .bind(":token", intent.token_sha256)
            .run();
    }
    const auto detail = "attempt " + std::to_string(intent.attempt);
    save(write, *job, {.from = JobStatus::queued, .detail = detail, .since = intent.next_since});
    return {};
}

Result<void> record_not_created(Write& write, const Requeue& requeue) {
    auto job = load_job(write.db, requeue.id);
    if (!job) return std::unexpected(std::move(job.error()));
    if (job->attempts != requeue.attempt) return stale(*job, requeue.attempt);
    const bool ended = ended_in_flight(*job);
    if (!ended && job->status != JobStatus::submitting) return not_in(*job, "submitting");
    if (requeue.proven) {
        write.db.query(drop_submission).bind(":row", job->id.row()).bind(":attempt", requeue.attempt).run();
    }
    if (requeue.lost != Lost::nothing) ++job->lost_creates;
    job->billed = unpaid(*job);
    if (ended) {
        save(write, *job, {.from = job->status});
        return {};
    }
    if (requeue.lost == Lost::payment) {
        // What it may have cost counts as spent; the next create is reserved beside it.
        const Millicredits price = job->charge.estimate;
        book(write, *job, closed_charge(*job));
        job->charge.estimate = price;
    }
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
    const bool back_in_queue = submitted.by_callback && job->status == JobStatus::queued && job->task_id.empty();
    if (!ended && !back_in_queue && job->status != JobStatus::submitting) return not_in(*job, "submitting");
    const auto from = job->status;
    if (submitted.finds_lost) {
        job->lost_creates = 0;
    } else if (back_in_queue && job->lost_creates > 0) {
        --job->lost_creates;  // this was the latest of them
    }
    job->task_id = submitted.task_id;
    job->endpoint = submitted.endpoint;
    job->billed = submitted.billed;
    job->submitted_at = write.now;
    if (!ended) move_to(*job, JobStatus::generating, Step::poll, submitted.next_poll_at, write.now);
    put_task_id(write, *job, submitted.attempt, submitted.task_id);
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

Result<std::vector<Job>> interrupted(sql::Connection& db) {
    auto query = db.query(select_interrupted);
    query.bind(":in_flight", to_ms(in_flight));
    return read_jobs(db, query);
}

Result<Submission> submission(sql::Connection& db, JobId id, const std::string& token_sha256) {
    auto job = load_job(db, id);
    if (!job) return std::unexpected(std::move(job.error()));
    auto query = db.query(select_submissions);
    query.bind(":row", id.row());
    // Each is looked at, however early one fits: the time tells nothing of the tokens.
    std::optional<Submission> found;
    while (query.step()) {
        if (!crypto::constant_time_equal(query.text(1), token_sha256)) continue;
        found = Submission{*job, static_cast<int>(query.integer(0)), std::string(query.text(2))};
    }
    if (!found) return fail(errc::not_found, "no create of job " + id.text() + " carries this token");
    return std::move(*found);
}

Result<void> record_stray_task(Write& write, JobId id, int attempt, const std::string& task_id) {
    auto job = load_job(write.db, id);
    if (!job) return std::unexpected(std::move(job.error()));
    constexpr char select_task[] = "SELECT task_id FROM submissions WHERE row = :row AND attempt = :attempt";
    {
        auto query = write.db.query(select_task);
        query.bind(":row", id.row()).bind(":attempt", attempt);
        if (!query.step() || !query.text(0).empty()) return fail(errc::conflict, "the task is known already");
    }
    put_task_id(write, *job, attempt, task_id);
    add_event(write, *job, to_string(job->status),
              "attempt " + std::to_string(attempt) + " made a task too, as its callback shows: " + task_id);
    return {};
}

}  // namespace genq::store::sqlite
