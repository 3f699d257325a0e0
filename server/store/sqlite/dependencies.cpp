#include <algorithm>

#include "common/core/rfc3339.hpp"
#include "server/store/sqlite/operations.hpp"
#include "server/store/sqlite/rows.hpp"

// Jobs that refer to other jobs (DESIGN.md, "Files and references").
namespace genq::store::sqlite {

namespace {

constexpr char select_status[] = "SELECT id, status FROM jobs WHERE row = :row";
constexpr char insert_dependency[] = R"(
    INSERT INTO dependencies(row, on_row, on_id) VALUES(:row, :on_row, :on_id))";
constexpr char mark_awaited[] = "UPDATE jobs SET links = links | 4 WHERE row = :row AND links & 4 = 0";
constexpr char insert_file[] = "INSERT INTO job_files(row, digest, bytes) VALUES(:row, :digest, :bytes)";
constexpr char select_waiting[] = R"(
    SELECT j.row FROM dependencies d JOIN jobs j ON j.row = d.row WHERE d.on_row = :row AND j.status = 'queued'
    ORDER BY j.row)";
constexpr char unfinished_one[] = R"(
    SELECT j.id FROM dependencies d JOIN jobs j ON j.row = d.row WHERE d.on_row = :row AND j.step <> 'none' LIMIT 1)";

JobError dependency_error(std::string message) {
    JobError error;
    error.code = JobErrorCode::dependency_failed;
    error.message = std::move(message);
    error.advice = "Retry the job that it refers to, and then this one.";
    error.retryable = true;
    return error;
}

/// nullopt: the job is gone.
std::optional<JobStatus> status_of(sql::Connection& db, JobId id) {
    auto query = db.query(select_status);
    query.bind(":row", id.row());
    // Another id may share the bits that make the row.
    if (!query.step() || query.text(0) != id.text()) return std::nullopt;
    return job_status_from(query.text(1));
}

bool waits_for_others(Write& write, const Job& job) {
    return std::ranges::any_of(job.depends_on,
                               [&write](JobId id) { return status_of(write.db, id) != JobStatus::succeeded; });
}

bool input_is_known(const Job& job, WallTime now) {
    return !job.refers || (!job.sent_input.empty() && (!job.sent_until || *job.sent_until > now));
}

/// Takes a queued job on, whose dependency has ended like that.
Result<void> settle(Write& write, std::int64_t row, const Ended& ended) {
    Result<Job> job = fail(errc::not_found, "");
    {
        auto query = write.db.query(select_job);
        query.bind(":row", row);
        if (!query.step()) return {};
        job = read_job(write.db, query);
    }
    if (!job) return std::unexpected(std::move(job.error()));
    if (ended.status == JobStatus::succeeded) {
        if (job->wait_reason != QueueReason::dependency) return {};
        place_in_queue(write, *job);
        if (job->wait_reason == QueueReason::dependency) return {};
        save(write, *job, {.from = JobStatus::queued});
        return {};
    }
    job->error = dependency_error("job " + ended.id.text() + ", which it refers to, " +
                                  (ended.status == JobStatus::canceled ? "was canceled" : "has failed"));
    move_to(*job, JobStatus::failed, Step::none, {}, write.now);
    save(write, *job, {.from = JobStatus::queued, .detail = to_string(JobErrorCode::dependency_failed)});
    return {};
}

}  // namespace

Result<void> link(Write& write, Job& job) {
    job.links = job.refers ? link_refers : 0;
    if (!job.depends_on.empty()) job.links |= link_depends;
    if (job.refers && job.checked) job.links |= link_checked;
    if (!job.depends_on.empty() && job.reuse_after) job.links |= link_reuses;
    for (const JobId& id : job.depends_on) {
        if (!status_of(write.db, id)) {
            return fail(errc::conflict, "job " + id.text() + ", which the input refers to, was deleted");
        }
    }
    return {};
}

void write_links(Write& write, const Job& job) {
    for (const InputFile& file : job.files) {
        write.db.query(insert_file)
            .bind(":row", job.id.row())
            .bind(":digest", file.digest.hex())
            .bind(":bytes", file.bytes)
            .run();
    }
    for (const JobId& id : job.depends_on) {
        write.db.query(insert_dependency)
            .bind(":row", job.id.row())
            .bind(":on_row", id.row())
            .bind(":on_id", id.text())
            .run();
        write.db.query(mark_awaited).bind(":row", id.row()).run();
    }
}

void place_in_queue(Write& write, Job& job) {
    const bool is_early = job.scheduled_at && *job.scheduled_at > write.now;
    if (!job.reused_from && is_early) {
        move_to(job, JobStatus::queued, Step::wait, *job.scheduled_at, write.now);
        job.wait_reason = QueueReason::scheduled;
    } else if (job.reused_from || waits_for_others(write, job)) {
        move_to(job, JobStatus::queued, Step::wait, never_due, write.now);
        job.wait_reason = QueueReason::dependency;
    } else if (!input_is_known(job, write.now)) {
        move_to(job, JobStatus::queued, Step::wait, write.now, write.now);
        job.wait_reason = QueueReason::uploading;
    } else {
        move_to(job, JobStatus::queued, Step::submit, {}, write.now);
    }
}

std::optional<JobError> broken_dependency(Write& write, const Job& job) {
    for (const JobId& id : job.depends_on) {
        const auto status = status_of(write.db, id);
        if (status && *status != JobStatus::failed && *status != JobStatus::canceled) continue;
        return dependency_error("job " + id.text() + ", which it refers to, " +
                                (!status                        ? "was deleted"
                                 : *status == JobStatus::failed ? "has failed"
                                                                : "was canceled"));
    }
    return std::nullopt;
}

Result<void> settle_dependants(Write& write) {
    // What fails here may be awaited itself: it joins the end of the list.
    for (std::size_t i = 0; i < write.ended.size(); ++i) {
        const Ended ended = write.ended[i];
        std::vector<std::int64_t> waiting;
        {
            auto query = write.db.query(select_waiting);
            query.bind(":row", ended.id.row());
            while (query.step()) waiting.push_back(query.integer(0));
        }
        for (const std::int64_t row : waiting) {
            if (auto settled = settle(write, row, ended); !settled) return settled;
        }
        if (auto settled = settle_followers(write, ended); !settled) return settled;
    }
    return {};
}

std::optional<std::string> unfinished_dependant(sql::Connection& db, JobId id) {
    auto query = db.query(unfinished_one);
    query.bind(":row", id.row());
    if (!query.step()) return std::nullopt;
    return std::string(query.text(0));
}

}  // namespace genq::store::sqlite
