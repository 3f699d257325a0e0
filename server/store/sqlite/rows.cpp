#include "server/store/sqlite/rows.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include <limits>

#include "common/core/check.hpp"
#include "common/core/rfc3339.hpp"
#include "common/json/parse.hpp"
#include "server/store/sqlite/operations.hpp"
#include "server/store/sqlite/row_columns.hpp"
#include "server/store/sqlite/row_sum.hpp"

namespace genq::store::sqlite {

namespace {

constexpr char select_outputs[] = R"(
    SELECT idx, source_url, role, digest, bytes, media_type, filename, probed, width, height, duration_s, codec
    FROM outputs WHERE row = :row ORDER BY idx)";
constexpr char select_dependencies[] = "SELECT on_id FROM dependencies WHERE row = :row ORDER BY on_row";
constexpr char select_dependants[] = R"(
    SELECT j.id FROM dependencies d JOIN jobs j ON j.row = d.row WHERE d.on_row = :row ORDER BY d.row LIMIT 1000)";
constexpr char insert_output[] = R"(
    INSERT INTO outputs(row, idx, source_url, role, digest, bytes, media_type, filename,
                        probed, width, height, duration_s, codec)
    VALUES(:row, :idx, :source_url, :role, :digest, :bytes, :media_type, :filename,
           :probed, :width, :height, :duration_s, :codec))";
constexpr char insert_event[] =
    "INSERT INTO events(row, name, at, detail, since) VALUES(:row, :name, :at, :detail, :since)";
constexpr char update_job[] = R"(
    UPDATE jobs SET
        status = :status, step = :step, step_at = :step_at, wait_reason = :wait_reason, version = :version,
        deadline_at = :deadline_at, updated_at = :updated_at, submitted_at = :submitted_at,
        generated_at = :generated_at, finished_at = :finished_at, attempts = :attempts,
        counted_attempts = :counted_attempts, generation_tries = :generation_tries, task_id = :task_id,
        endpoint = :endpoint, upstream_state = :upstream_state, polls = :polls, last_polled_at = :last_polled_at,
        download_attempts = :download_attempts, billed = :billed, credits = :credits, error_code = :error_code,
        error = :error, result = :result, budget_day = :budget_day, estimate = :estimate, earlier_told = :earlier_told,
        earlier_assumed = :earlier_assumed, told = :told, assumed = :assumed, reserved = :reserved,
        reused_from = :reused_from, lost_creates = :lost_creates, sum = :sum
    WHERE row = :row)";

std::vector<Output> load_outputs(sql::Connection& db, std::int64_t row, bool& damaged) {
    std::vector<Output> outputs;
    auto query = db.query(select_outputs);
    query.bind(":row", row);
    while (query.step()) {
        RowColumns columns(query);
        Output output;
        output.index = columns.small();
        output.source_url = columns.text();
        output.role = columns.text();
        output.digest = columns.maybe_word(Digest::parse);
        output.bytes = static_cast<std::uint64_t>(columns.integer());
        output.media_type = columns.text();
        output.filename = columns.text();
        const bool probed = columns.integer() != 0;
        MediaFacts facts;
        facts.width = columns.maybe_small();
        facts.height = columns.maybe_small();
        facts.duration_s = columns.maybe_real();
        facts.codec = columns.text();
        if (probed) output.media = std::move(facts);
        damaged |= columns.damaged();
        outputs.push_back(std::move(output));
    }
    return outputs;
}

std::vector<JobId> load_ids(sql::Connection& db, const char* sql, std::int64_t row, bool& damaged) {
    std::vector<JobId> ids;
    auto query = db.query(sql);
    query.bind(":row", row);
    while (query.step()) {
        const auto id = JobId::parse(query.text(0));
        damaged |= !id;
        if (id) ids.push_back(*id);
    }
    return ids;
}

}  // namespace

Result<Job> read_job(sql::Connection& db, const sql::Query& query) {
    RowColumns columns(query);
    Job job;
    const auto row = columns.integer();
    job.id = columns.word(JobId::parse);
    job.status = columns.word(job_status_from);
    job.step = columns.word(step_from);
    job.step_at = columns.maybe_time().value_or(WallTime{});
    job.wait_reason = columns.maybe_word(queue_reason_from);
    job.version = columns.integer();
    job.priority = columns.small();
    job.caller = columns.text();
    job.model = columns.text();
    job.wire_model = columns.text();
    job.family = columns.word(family_from);
    job.kind = columns.text();
    job.profile = columns.word(poll_profile_from);
    job.scheduled_at = columns.maybe_time();
    job.deadline_at = columns.maybe_time();
    job.max_attempts = columns.small();
    job.generation_retries = columns.small();
    job.longest_wait = std::chrono::seconds(columns.integer());
    job.created_at = columns.time();
    job.updated_at = columns.time();
    job.submitted_at = columns.maybe_time();
    job.generated_at = columns.maybe_time();
    job.finished_at = columns.maybe_time();
    job.attempts = columns.small();
    job.counted_attempts = columns.small();
    job.generation_tries = columns.small();
    job.task_id = columns.text();
    job.endpoint = columns.text();
    job.upstream_state = columns.text();
    job.polls = columns.small();
    job.last_polled_at = columns.maybe_time();
    job.download_attempts = columns.small();
    job.billed = columns.word(billed_from);
    job.credits = columns.maybe_real();
    const auto error_code = columns.maybe_word(job_error_code_from);
    RowTexts texts;
    const auto error = columns.maybe_json();
    texts.error = columns.json_text();
    job.result = columns.maybe_json();
    texts.result = columns.json_text();
    job.warnings = warnings_from(columns.maybe_json());
    texts.warnings = columns.json_text();
    job.labels = labels_from(columns.maybe_json());
    texts.labels = columns.json_text();
    job.input = columns.text();
    job.links = columns.small();
    job.refers = (job.links & link_refers) != 0;
    job.checked = (job.links & link_checked) != 0;
    job.sent_input = columns.maybe_text().value_or("");
    job.sent_until = columns.maybe_time();
    job.charge.day = columns.integer();
    job.charge.estimate = columns.integer();
    job.charge.earlier_told = columns.integer();
    job.charge.earlier_assumed = columns.integer();
    job.charge.told = columns.integer();
    job.charge.assumed = columns.integer();
    job.charge.reserved = columns.integer();
    job.batch = columns.maybe_word(JobId::parse);
    job.reuse_key = columns.maybe_text().value_or("");
    job.reused_from = columns.maybe_word(JobId::parse);
    job.lost_creates = columns.small();
    const auto sum = columns.maybe_integer();
    job.traceparent = columns.maybe_text().value_or("");
    job.tracestate = columns.maybe_text().value_or("");
    job.calls_back = columns.integer() != 0;
    if (error_code && error) {
        job.error = error_from(*error);
        job.error->code = *error_code;
    }
    const bool changed = sum && *sum != row_sum(job, texts);
    bool damaged = changed || columns.damaged() || job.id.row() != row || !genq::json::is_object(job.input);
    // Only a job that was generated has outputs: this saves others the second look.
    if (job.generated_at) job.outputs = load_outputs(db, row, damaged);
    if ((job.links & link_depends) != 0) job.depends_on = load_ids(db, select_dependencies, row, damaged);
    if ((job.links & link_awaited) != 0) job.dependants = load_ids(db, select_dependants, row, damaged);
    if (damaged) {
        return fail(errc::corrupt, "the database's row of job " + job.id.text() +
                                       (changed ? " is not what was written" : " can't be read"));
    }
    return job;
}

Result<Job> load_job(sql::Connection& db, JobId id) {
    auto query = db.query(select_job);
    query.bind(":row", id.row());
    if (!query.step()) return fail(errc::not_found, "there is no job " + id.text());
    auto job = read_job(db, query);
    // Another id may share the bits that make the row.
    if (job && job->id != id) return fail(errc::not_found, "there is no job " + id.text());
    return job;
}

Result<std::vector<Job>> read_jobs(sql::Connection& db, sql::Query& query) {
    std::vector<Job> jobs;
    while (query.step()) {
        auto job = read_job(db, query);
        if (!job) return std::unexpected(std::move(job.error()));
        jobs.push_back(std::move(*job));
    }
    return jobs;
}

bool ended_in_flight(const Job& job) {
    return (job.status == JobStatus::canceled || job.status == JobStatus::failed) && job.billed == Billed::unknown;
}

Billed unpaid(const Job& job) {
    return job.lost_creates > 0 ? Billed::unknown : Billed::no;
}

std::int64_t first_row_at(std::int64_t ms) {
    // A ULID's order is 42 bits of milliseconds above 21 bits of counter. Times that an id can't have (before 1970,
    // after 2109) are before or after all rows.
    constexpr unsigned order_counter_bits = 21;
    constexpr std::int64_t latest = std::numeric_limits<std::int64_t>::max() >> order_counter_bits;
    if (ms > latest) return std::numeric_limits<std::int64_t>::max();
    return std::max<std::int64_t>(ms, 0) << order_counter_bits;
}

void move_to(Job& job, JobStatus status, Step step, WallTime step_at, WallTime now) {
    job.status = status;
    job.step = step;
    job.step_at = step_at;
    job.wait_reason.reset();
    job.finished_at = is_terminal(status) ? std::optional(now) : std::nullopt;
}

namespace {

std::int64_t queue_epoch(sql::Connection& db) {
    auto query = db.query("SELECT CAST(value AS INTEGER) FROM facts WHERE name = 'queue_epoch'");
    return query.step() ? query.integer(0) : 0;
}

}  // namespace

void save(Write& write, Job& job, const Change& change) {
    GENQ_CHECK(job.status == change.from || may_become(change.from, job.status, change.retry));
    GENQ_CHECK(is_terminal(job.status) == (job.step == Step::none));
    job.version += change.version_step;
    // While it was queued readers saw version + epoch, and may see the next epoch with the row that they read before:
    // what comes now must be higher (DESIGN.md "Versions").
    if (change.from == JobStatus::queued && job.status != JobStatus::queued) job.version += queue_epoch(write.db) + 1;
    if (change.version_step > 0) job.updated_at = write.now;
    const bool timed = job.step != Step::submit && job.step != Step::none;
    const bool failed = job.status == JobStatus::failed;
    GENQ_CHECK(failed == job.error.has_value());
    book(write, job, charge_of(job));
    auto query = write.db.query(update_job);
    const std::string error = failed ? error_text(*job.error) : "";
    const std::string result = job.result ? boost::json::serialize(*job.result) : "";
    const auto warnings = warnings_text(job.warnings);
    const auto labels = labels_text(job.labels);
    const RowTexts texts{.warnings = warnings ? std::string_view(*warnings) : "",
                         .labels = labels ? std::string_view(*labels) : "",
                         .error = error,
                         .result = result};
    query.bind(":status", to_string(job.status))
        .bind(":step", to_string(job.step))
        .bind(":step_at", timed ? std::optional(to_ms(job.step_at)) : std::nullopt)
        .bind(":wait_reason", job.wait_reason ? std::optional(to_string(*job.wait_reason)) : std::nullopt)
        .bind(":version", job.version)
        .bind(":deadline_at", to_ms(job.deadline_at))
        .bind(":updated_at", to_ms(job.updated_at))
        .bind(":submitted_at", to_ms(job.submitted_at))
        .bind(":generated_at", to_ms(job.generated_at))
        .bind(":finished_at", to_ms(job.finished_at))
        .bind(":attempts", job.attempts)
        .bind(":counted_attempts", job.counted_attempts)
        .bind(":generation_tries", job.generation_tries)
        .bind(":task_id", job.task_id)
        .bind(":endpoint", job.endpoint)
        .bind(":upstream_state", job.upstream_state)
        .bind(":polls", job.polls)
        .bind(":last_polled_at", to_ms(job.last_polled_at))
        .bind(":download_attempts", job.download_attempts)
        .bind(":billed", to_string(job.billed))
        .bind(":credits", job.credits)
        .bind(":error_code", failed ? std::optional(to_string(job.error->code)) : std::nullopt)
        .bind(":budget_day", job.charge.day)
        .bind(":estimate", job.charge.estimate)
        .bind(":earlier_told", job.charge.earlier_told)
        .bind(":earlier_assumed", job.charge.earlier_assumed)
        .bind(":told", job.charge.told)
        .bind(":assumed", job.charge.assumed)
        .bind(":reserved", job.charge.reserved)
        .bind(":reused_from", job.reused_from ? std::optional(job.reused_from->text()) : std::nullopt)
        .bind(":lost_creates", job.lost_creates)
        .bind(":sum", row_sum(job, texts))
        .bind(":row", job.id.row());
    if (failed) query.bind(":error", error);
    if (job.result) query.bind(":result", result);
    query.run();
    if (change.version_step > 0) write.changed.push_back(job.id.row());
    if (is_terminal(job.status) && !is_terminal(change.from)) {
        write.ends.push_back({job.id, job.model, job.family, job.kind, job.status,
                              failed ? std::string(to_string(job.error->code)) : "", job.traceparent,
                              std::max(write.now - job.created_at, std::chrono::milliseconds(0))});
    }
    if (is_terminal(job.status) && !is_terminal(change.from) && (job.links & (link_awaited | link_followed)) != 0) {
        write.ended.push_back({job.id, job.status});
    }
    if (!change.event.empty()) {
        add_event(write, job, change.event, change.detail, change.since);
    } else if (job.status != change.from) {
        add_event(write, job, to_string(job.status), change.detail, change.since);
    }
    if (job.status != change.from) tell(write, job, to_string(job.status));
}

void replace_outputs(Write& write, const Job& job) {
    write.db.query(delete_outputs).bind(":row", job.id.row()).run();
    for (const auto& output : job.outputs) {
        const auto digest = output.digest ? std::optional<std::string_view>(output.digest->hex()) : std::nullopt;
        const MediaFacts facts = output.media.value_or(MediaFacts{});
        write.db.query(insert_output)
            .bind(":row", job.id.row())
            .bind(":idx", output.index)
            .bind(":source_url", output.source_url)
            .bind(":role", output.role)
            .bind(":digest", digest)
            .bind(":bytes", output.bytes)
            .bind(":media_type", output.media_type)
            .bind(":filename", output.filename)
            .bind(":probed", output.media ? 1 : 0)
            .bind(":width", facts.width)
            .bind(":height", facts.height)
            .bind(":duration_s", facts.duration_s)
            .bind(":codec", facts.codec)
            .run();
    }
}

void add_event(Write& write, const Job& job, std::string_view name, std::string_view detail,
               std::optional<WallTime> since) {
    write.db.query(insert_event)
        .bind(":row", job.id.row())
        .bind(":name", name)
        .bind(":at", to_ms(write.now))
        .bind(":detail", detail)
        .bind(":since", to_ms(since))
        .run();
}

}  // namespace genq::store::sqlite
