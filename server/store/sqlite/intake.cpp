#include <set>

#include "common/core/rfc3339.hpp"
#include "server/store/sqlite/operations.hpp"
#include "server/store/sqlite/row_columns.hpp"
#include "server/store/sqlite/row_sum.hpp"
#include "server/store/sqlite/rows.hpp"

namespace genq::store::sqlite {

namespace {

// OR ROLLBACK: for the default, OR ABORT, SQLite would copy all pages that this and its trigger change before it
// changes them. A failure loses the whole transaction, which the writer then does again.
constexpr char insert_job[] = R"(
    INSERT OR ROLLBACK INTO jobs(row, id, status, step, step_at, wait_reason, version, priority, caller, model, wire_model, family,
        kind, profile, scheduled_at, deadline_at, max_attempts, generation_retries, longest_wait_s, created_at,
        updated_at, attempts, counted_attempts, generation_tries, task_id, endpoint, upstream_state, polls,
        download_attempts, billed, warnings, labels, input, links, budget_day, estimate, reserved, batch,
        credits, reuse_key, reused_from, sum, sent_input, traceparent, tracestate)
    VALUES(:row, :id, 'queued', :step, :step_at, :wait_reason, 1, :priority, :caller, :model, :wire_model, :family,
        :kind, :profile, :scheduled_at, :deadline_at, :max_attempts, :generation_retries, :longest_wait_s, :created_at,
        :created_at, 0, 0, 0, '', '', '', 0, 0, 'no', :warnings, :labels, :input, :links, :budget_day, :estimate, :reserved, :batch,
        :credits, :reuse_key, :reused_from, :sum, :sent_input, :traceparent, :tracestate))";
constexpr char insert_label[] = "INSERT INTO job_labels(key, value, row) VALUES(:key, :value, :row)";
constexpr char delete_label[] = "DELETE FROM job_labels WHERE key = :key AND value = :value AND row = :row";
constexpr char select_key[] = R"(
    SELECT body_sha256, row, job_id FROM idempotency WHERE caller = :caller AND route = :route AND key = :key)";
constexpr char insert_key[] = R"(
    INSERT INTO idempotency(caller, route, key, body_sha256, row, job_id, created_at)
    VALUES(:caller, :route, :key, :body_sha256, :row, :job_id, :created_at))";
constexpr char delete_events[] = "DELETE FROM events WHERE row = :row";
constexpr char delete_job[] = "DELETE FROM jobs WHERE row = :row";

// A ULID's order is 42 bits of milliseconds above 21 bits of counter.
constexpr unsigned order_counter_bits = 21;

void insert(Write& write, const Job& job) {
    auto query = write.db.query(insert_job);
    const bool waits = job.step == Step::wait;
    const auto warnings = warnings_text(job.warnings);
    const auto labels = labels_text(job.labels);
    query.bind(":row", job.id.row())
        .bind(":id", job.id.text())
        .bind(":step", to_string(job.step))
        .bind(":step_at", waits ? std::optional(to_ms(job.step_at)) : std::nullopt)
        .bind(":wait_reason", waits ? std::optional(to_string(*job.wait_reason)) : std::nullopt)
        .bind(":priority", job.priority)
        .bind(":caller", job.caller)
        .bind(":model", job.model)
        .bind(":wire_model", job.wire_model)
        .bind(":family", to_string(job.family))
        .bind(":kind", job.kind)
        .bind(":profile", to_string(job.profile))
        .bind(":scheduled_at", to_ms(job.scheduled_at))
        .bind(":deadline_at", to_ms(job.deadline_at))
        .bind(":max_attempts", job.max_attempts)
        .bind(":generation_retries", job.generation_retries)
        .bind(":longest_wait_s", job.longest_wait.count())
        .bind(":created_at", to_ms(job.created_at))
        .bind(":warnings", warnings)
        .bind(":labels", labels)
        .bind(":links", job.links)
        .bind(":budget_day", job.charge.day)
        .bind(":estimate", job.charge.estimate)
        .bind(":reserved", job.charge.reserved)
        .bind(":batch", job.batch ? std::optional(job.batch->text()) : std::nullopt)
        .bind(":credits", job.credits)
        .bind(":reuse_key", job.reuse_key.empty() ? std::nullopt : std::optional(std::string_view(job.reuse_key)))
        .bind(":reused_from", job.reused_from ? std::optional(job.reused_from->text()) : std::nullopt)
        .bind(":traceparent", job.traceparent.empty() ? std::nullopt : std::optional(std::string_view(job.traceparent)))
        .bind(":tracestate", job.tracestate.empty() ? std::nullopt : std::optional(std::string_view(job.tracestate)));
    query.bind(":sum", row_sum(job, {.warnings = warnings.value_or(""), .labels = labels.value_or("")}));
    query.bind(":input", std::string_view(job.input));
    query.bind(":sent_input", job.sent_input.empty() ? std::nullopt : std::optional(std::string_view(job.sent_input)));
    query.run();
}

}  // namespace

Result<std::optional<std::string>> find_made(sql::Connection& db, const IdempotencyKey& key) {
    auto query = db.query(select_key);
    query.bind(":caller", key.caller).bind(":route", key.route).bind(":key", key.key);
    if (!query.step()) return std::nullopt;
    if (query.text(0) != key.body_sha256) {
        return fail(errc::already_exists, "this Idempotency-Key was used before, for another request");
    }
    return std::string(query.text(2));
}

Result<std::optional<Job>> find_key(sql::Connection& db, const IdempotencyKey& key) {
    const auto id = find_made(db, key);
    if (!id) return std::unexpected(id.error());
    if (!*id) return std::nullopt;
    auto job = load_job(db, JobId::parse(**id).value_or(JobId()));
    if (!job && job.error().code == errc::not_found) {
        return fail(errc::conflict, "the job of this Idempotency-Key, " + **id + ", was deleted");
    }
    if (!job) return std::unexpected(std::move(job.error()));
    return std::move(*job);
}

void remember_key(Write& write, const IdempotencyKey& key, JobId id) {
    write.db.query(insert_key)
        .bind(":caller", key.caller)
        .bind(":route", key.route)
        .bind(":key", key.key)
        .bind(":body_sha256", key.body_sha256)
        .bind(":row", id.row())
        .bind(":job_id", id.text())
        .bind(":created_at", to_ms(write.now))
        .run();
}

Result<Accepted> add_job(Write& write, const NewJob& job) {
    std::optional<Job> original;
    if (job.reuse_after && !job.reuse_key.empty()) {
        auto found = find_original(write.db, job.reuse_key, *job.reuse_after, 0);
        if (!found) return std::unexpected(std::move(found.error()));
        original = std::move(*found);
    }
    const bool is_answered = original && original->status == JobStatus::succeeded;
    Admission admission = job.admission;
    for (Budget* budget : {&admission.daemon, &admission.caller}) {
        if (original) budget->credits_per_day = 0;  // it costs nothing
        if (is_answered) budget->max_queued = 0;    // nor does it wait
    }
    const auto reserved = reserve(write, job, admission);
    if (!reserved) return Accepted{.job = {}, .refused = reserved.error()};
    Accepted accepted;
    Job& made = accepted.job;
    static_cast<NewJob&>(made) = job;
    // Here and not in the caller: ids rise in the order of the commits, so a list's pages stay stable under inserts.
    made.id = JobId(write.ulids.next());
    made.status = JobStatus::queued;
    // The id's own time, so that filters by creation time are ranges of rows.
    made.created_at = from_ms(made.id.row() >> order_counter_bits);
    made.updated_at = made.created_at;
    if (made.traceparent.empty() && write.own_trace) made.traceparent = write.own_trace(made.id);
    if (auto linked = link(write, made); !linked) return std::unexpected(std::move(linked.error()));
    if (original) {
        // The job that was paid for, not one that took its result.
        made.reused_from = original->reused_from.value_or(original->id);
        made.credits = 0;
    }
    if (job.webhook) made.links |= link_told;
    place_in_queue(write, made);
    made.charge.day = reserved->day;
    made.charge.estimate = reserved->price;
    book(write, made, charge_of(made));
    insert(write, made);
    for (const auto& [label, value] : made.labels) {
        write.db.query(insert_label).bind(":key", label).bind(":value", value).bind(":row", made.id.row()).run();
    }
    add_event(write, made, to_string(JobStatus::queued), made.wait_reason ? to_string(*made.wait_reason) : "");
    if (job.end_call) insert_call(write, made.id, *job.end_call);
    if (job.webhook) insert_webhook(write, made.id, *job.webhook);
    write.changed.push_back(made.id.row());
    write_links(write, made);
    tell(write, made, to_string(JobStatus::queued));
    if (is_answered) {
        end_like(write, made, *original);
    } else if (original) {
        mark_followed(write, original->id);
    } else if (auto broken = broken_dependency(write, made)) {
        made.error = std::move(*broken);
        move_to(made, JobStatus::failed, Step::none, {}, write.now);
        save(write, made, {.from = JobStatus::queued, .detail = to_string(JobErrorCode::dependency_failed)});
    }
    return accepted;
}

Result<Accepted> accept(Write& write, const NewJob& job, const std::optional<IdempotencyKey>& key) {
    if (key) {
        auto made = find_key(write.db, *key);
        if (!made) return std::unexpected(std::move(made.error()));
        if (*made) return Accepted{std::move(**made), true};
    }
    auto accepted = add_job(write, job);
    if (key && accepted && !accepted->refused) remember_key(write, *key, accepted->job.id);
    return accepted;
}

Result<std::vector<Digest>> erase(Write& write, JobId id) {
    const auto job = load_job(write.db, id);
    if (!job) return std::unexpected(job.error());
    if (!is_terminal(job->status)) {
        return fail(errc::conflict, "only a job that has ended can be deleted; this one is " +
                                        std::string(to_string(job->status)) + ": cancel it first");
    }
    if (const auto waiting = unfinished_dependant(write.db, id)) {
        return fail(errc::conflict, "job " + *waiting + " still needs what this one made: cancel it first, or wait");
    }
    std::set<Digest> digests;
    for (const auto& output : job->outputs) {
        if (output.digest) digests.insert(*output.digest);
    }
    for (const auto& [label, value] : job->labels) {
        write.db.query(delete_label).bind(":key", label).bind(":value", value).bind(":row", id.row()).run();
    }
    write.db.query(delete_outputs).bind(":row", id.row()).run();
    write.db.query(delete_events).bind(":row", id.row()).run();
    write.db.query(delete_job).bind(":row", id.row()).run();
    if (job->batch) leave_batch(write, *job->batch);
    std::vector<Digest> free;
    for (const auto& digest : digests) {
        const auto listed = lists_blob(write.db, digest);
        if (listed && !*listed) free.push_back(digest);
    }
    write.changed.push_back(id.row());
    return free;
}

}  // namespace genq::store::sqlite
