#include <algorithm>

#include "common/core/rfc3339.hpp"
#include "server/store/reuse_key.hpp"
#include "server/store/sqlite/operations.hpp"
#include "server/store/sqlite/row_columns.hpp"
#include "server/store/sqlite/rows.hpp"

namespace genq::store::sqlite {

namespace {

constexpr char insert_batch[] = R"(
    INSERT INTO batches(id, caller, labels, jobs, created_at) VALUES(:id, :caller, :labels, :jobs, :created_at))";
constexpr char select_batch[] = "SELECT caller, labels, created_at, jobs FROM batches WHERE id = :id";
constexpr char select_batch_counts[] = R"(
    SELECT status, count(*), max(finished_at) FROM jobs WHERE batch = :id GROUP BY status)";
constexpr char select_ids[] = "SELECT id FROM jobs WHERE batch = :id ORDER BY row";
constexpr char has_jobs[] = "SELECT 1 FROM jobs WHERE batch = :id LIMIT 1";
constexpr char delete_batch[] = "DELETE FROM batches WHERE id = :id";

// Not sql::Savepoint, which the writer may have open around this.
constexpr char begin_jobs[] = "SAVEPOINT batch_jobs";
constexpr char undo_jobs[] = "ROLLBACK TO batch_jobs";
constexpr char end_jobs[] = "RELEASE batch_jobs";

/// What a key already made, whole.
Result<AcceptedBatch> replay(Write& write, const std::string& id_text) {
    AcceptedBatch accepted{.id = BatchId::parse(id_text).value_or(BatchId()), .jobs = {}, .replayed = true};
    {
        auto query = write.db.query(select_ids);
        query.bind(":id", id_text);
        while (query.step()) accepted.jobs.push_back(JobId::parse(query.text(0)).value_or(JobId()));
    }
    auto query = write.db.query(select_batch);
    query.bind(":id", id_text);
    if (!query.step() || query.integer(3) != static_cast<std::int64_t>(accepted.jobs.size())) {
        return fail(errc::conflict, "of the batch that this Idempotency-Key made, " + id_text + ", jobs were deleted");
    }
    return accepted;
}

/// The refusal of a job as one of its batch, which asked for what the jobs before it took too.
OverBudget of_all(OverBudget over, std::size_t waiting, Millicredits reserved) {
    if (over.limit == OverBudget::Limit::max_queued) {
        over.used -= static_cast<std::int64_t>(waiting);
        over.requested += static_cast<std::int64_t>(waiting);
    } else {
        over.reserved -= reserved;
        over.requested += reserved;
    }
    return over;
}

}  // namespace

Result<AcceptedBatch> accept_batch(Write& write, const NewBatch& batch, const std::optional<IdempotencyKey>& key) {
    if (key) {
        const auto made = find_made(write.db, *key);
        if (!made) return std::unexpected(made.error());
        if (*made) return replay(write, **made);
    }
    AcceptedBatch accepted{.id = BatchId(write.ulids.next()), .jobs = {}};
    const auto changed_before = write.changed.size();
    const auto ended_before = write.ended.size();
    std::size_t waiting = 0;
    Millicredits reserved = 0;
    write.db.run(begin_jobs);
    for (const auto& item : batch.jobs) {
        NewJob job = item.job;
        job.batch = accepted.id;
        for (const auto& reference : item.references) {
            const JobId id = accepted.jobs.at(reference.job);
            job.input.replace(reference.at, id.text().size(), id.text());
            if (std::ranges::find(job.depends_on, id) == job.depends_on.end()) job.depends_on.push_back(id);
        }
        // The ids that it names are known only now.
        if (!item.references.empty()) job.reuse_key = reuse_key(job);
        auto added = add_job(write, job);
        if (!added || added->refused) {
            write.db.run(undo_jobs);
            write.db.run(end_jobs);
            write.changed.resize(changed_before);
            write.ended.resize(ended_before);
            if (!added) return std::unexpected(std::move(added.error()));
            return AcceptedBatch{.id = {}, .jobs = {}, .refused = of_all(*added->refused, waiting, reserved)};
        }
        accepted.jobs.push_back(added->job.id);
        (is_terminal(added->job.status) ? accepted.ended : waiting) += 1;
        reserved += added->job.charge.reserved;
    }
    write.db.run(end_jobs);
    write.db.query(insert_batch)
        .bind(":id", accepted.id.text())
        .bind(":caller", batch.caller)
        .bind(":labels", labels_text(batch.labels))
        .bind(":jobs", static_cast<std::int64_t>(accepted.jobs.size()))
        .bind(":created_at", to_ms(write.now))
        .run();
    if (key) remember_key(write, *key, accepted.id);
    return accepted;
}

Result<BatchStatus> batch(sql::Connection& db, BatchId id) {
    BatchStatus status;
    status.id = id;
    {
        auto query = db.query(select_batch);
        query.bind(":id", id.text());
        if (!query.step()) return fail(errc::not_found, "there is no batch " + id.text());
        RowColumns columns(query);
        status.caller = columns.text();
        status.labels = labels_from(columns.maybe_json());
        status.created_at = columns.time();
        if (columns.damaged())
            return fail(errc::corrupt, "the database's row of batch " + id.text() + " can't be read");
    }
    bool all_ended = true;
    auto query = db.query(select_batch_counts);
    query.bind(":id", id.text());
    while (query.step()) {
        RowColumns columns(query);
        const auto job_status = columns.word(job_status_from);
        status.counts[job_status] = columns.integer();
        all_ended = all_ended && is_terminal(job_status);
        status.finished_at = std::max(status.finished_at, columns.maybe_time());
    }
    if (!all_ended) status.finished_at.reset();
    return status;
}

void leave_batch(Write& write, BatchId id) {
    {
        auto query = write.db.query(has_jobs);
        query.bind(":id", id.text());
        if (query.step()) return;
    }
    write.db.query(delete_batch).bind(":id", id.text()).run();
}

}  // namespace genq::store::sqlite
