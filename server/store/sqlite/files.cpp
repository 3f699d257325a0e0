#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "common/core/rfc3339.hpp"
#include "server/store/sqlite/operations.hpp"
#include "server/store/sqlite/rows.hpp"

// Files of callers, and kie.ai's copies of them (DESIGN.md, "Files and references").
namespace genq::store::sqlite {

namespace {

constexpr char put_file[] = R"(
    INSERT INTO files(digest, caller, created_at) VALUES(:digest, :caller, :now) ON CONFLICT DO NOTHING)";
constexpr char select_file_key[] = R"(
    SELECT body_sha256 FROM idempotency WHERE caller = :caller AND route = :route AND key = :key)";
constexpr char insert_file_key[] = R"(
    INSERT INTO idempotency(caller, route, key, body_sha256, row, job_id, created_at)
    VALUES(:caller, :route, :key, :body_sha256, 0, '', :created_at))";
constexpr char select_owner[] = R"(
    SELECT 1 FROM files WHERE digest = :digest AND caller = :caller
    UNION ALL
    SELECT 1 FROM outputs o JOIN jobs j ON j.row = o.row WHERE o.digest = :digest AND j.caller = :caller LIMIT 1)";

#define GENQ_DUE_UPLOADS "FROM jobs INDEXED BY jobs_uploading WHERE step = 'wait' AND wait_reason = 'uploading' "
constexpr char top_upload_priority[] = "SELECT priority " GENQ_DUE_UPLOADS R"(
    AND step_at <= :now AND row NOT IN (SELECT value FROM json_each(:taken)) ORDER BY priority DESC LIMIT 1)";
constexpr char first_after[] = "SELECT " GENQ_JOB_COLUMNS " " GENQ_DUE_UPLOADS R"(
    AND step_at <= :now AND row NOT IN (SELECT value FROM json_each(:taken)) AND priority = :priority
    AND caller > :last ORDER BY caller, row LIMIT 1)";
constexpr char first_of_all[] = "SELECT " GENQ_JOB_COLUMNS " " GENQ_DUE_UPLOADS R"(
    AND step_at <= :now AND row NOT IN (SELECT value FROM json_each(:taken)) AND priority = :priority
    ORDER BY caller, row LIMIT 1)";
constexpr char next_try[] = "SELECT min(step_at) " GENQ_DUE_UPLOADS R"(
    AND row NOT IN (SELECT value FROM json_each(:taken)))";

constexpr char select_upload[] = "SELECT url, expires_at FROM uploads WHERE digest = :digest AND expires_at > :until";
constexpr char put_upload[] = R"(
    INSERT INTO uploads(digest, url, expires_at) VALUES(:digest, :url, :expires_at)
    ON CONFLICT(digest) DO UPDATE SET url = excluded.url, expires_at = excluded.expires_at)";
constexpr char drop_expired[] = "DELETE FROM uploads WHERE expires_at <= :now";
constexpr char put_input[] = "UPDATE jobs SET sent_input = :input, sent_until = :until WHERE row = :row";

void write_input(Write& write, JobId id, std::optional<std::string_view> input, std::optional<WallTime> until) {
    write.db.query(put_input)
        .bind(":input", input)
        .bind(":until", until ? std::optional(to_ms(*until)) : std::nullopt)
        .bind(":row", id.row())
        .run();
}

}  // namespace

Result<Job> load_uploading(Write& write, JobId id) {
    auto job = load_job(write.db, id);
    if (!job) return job;
    if (job->step != Step::wait || job->wait_reason != QueueReason::uploading) {
        return fail(errc::conflict, "job " + id.text() + " does not wait for its files any more");
    }
    return job;
}

Result<bool> accept_file(Write& write, const NewFile& file, const std::optional<IdempotencyKey>& key) {
    bool replayed = false;
    if (key) {
        auto query = write.db.query(select_file_key);
        query.bind(":caller", key->caller).bind(":route", key->route).bind(":key", key->key);
        replayed = query.step();
        if (replayed && query.text(0) != key->body_sha256) {
            return fail(errc::already_exists, "this Idempotency-Key was used before, for another file");
        }
    }
    write.db.query(put_file)
        .bind(":digest", file.digest.hex())
        .bind(":caller", file.caller)
        .bind(":now", to_ms(write.now))
        .run();
    if (key && !replayed) {
        write.db.query(insert_file_key)
            .bind(":caller", key->caller)
            .bind(":route", key->route)
            .bind(":key", key->key)
            .bind(":body_sha256", key->body_sha256)
            .bind(":created_at", to_ms(write.now))
            .run();
    }
    return replayed;
}

Result<bool> owns_blob(sql::Connection& db, const std::string& caller, const Digest& digest) {
    auto query = db.query(select_owner);
    query.bind(":digest", digest.hex()).bind(":caller", caller);
    return query.step();
}

Result<UploadTurn> next_upload(sql::Connection& db, WallTime now, const std::string& last_caller,
                               const std::set<std::int64_t>& taken) {
    boost::json::array rows;
    for (const std::int64_t row : taken) rows.emplace_back(row);
    const std::string passed = boost::json::serialize(rows);
    UploadTurn turn;
    std::optional<std::int64_t> priority;
    {
        auto query = db.query(top_upload_priority);
        query.bind(":now", to_ms(now)).bind(":taken", passed);
        if (query.step()) priority = query.integer(0);
    }
    if (!priority) {
        auto query = db.query(next_try);
        query.bind(":taken", passed);
        const auto at = query.step() ? query.maybe_integer(0) : std::nullopt;
        if (at) turn.next_at = from_ms(*at);
        return turn;
    }
    for (const char* sql : {first_after, first_of_all}) {
        auto query = db.query(sql);
        query.bind(":now", to_ms(now)).bind(":taken", passed).bind(":priority", *priority);
        if (sql == first_after) query.bind(":last", last_caller);
        if (!query.step()) continue;
        auto job = read_job(db, query);
        if (!job) return std::unexpected(std::move(job.error()));
        turn.job = std::move(*job);
        return turn;
    }
    return turn;
}

Result<std::optional<Upload>> find_upload(sql::Connection& db, const Digest& digest, WallTime until) {
    auto query = db.query(select_upload);
    query.bind(":digest", digest.hex()).bind(":until", to_ms(until));
    if (!query.step()) return std::nullopt;
    return Upload{digest, std::string(query.text(0)), from_ms(query.integer(1))};
}

Result<void> record_upload(Write& write, const Upload& upload) {
    write.db.query(drop_expired).bind(":now", to_ms(write.now)).run();
    write.db.query(put_upload)
        .bind(":digest", upload.digest.hex())
        .bind(":url", upload.url)
        .bind(":expires_at", to_ms(upload.expires_at))
        .run();
    return {};
}

Result<void> record_input(Write& write, JobId id, const std::string& sent_input, std::optional<WallTime> until) {
    auto job = load_uploading(write, id);
    if (!job) return std::unexpected(std::move(job.error()));
    write_input(write, id, sent_input, until);
    move_to(*job, JobStatus::queued, Step::submit, {}, write.now);
    save(write, *job, {.from = JobStatus::queued});
    return {};
}

Result<void> record_upload_retry(Write& write, JobId id, WallTime at) {
    auto job = load_uploading(write, id);
    if (!job) return std::unexpected(std::move(job.error()));
    job->step_at = at;
    save(write, *job, {.from = JobStatus::queued, .version_step = 0});
    return {};
}

Result<void> record_stale_input(Write& write, JobId id) {
    auto job = load_job(write.db, id);
    if (!job) return std::unexpected(std::move(job.error()));
    if (job->step != Step::submit) return fail(errc::conflict, "job " + id.text() + " is not ready to be submitted");
    write_input(write, id, std::nullopt, std::nullopt);
    move_to(*job, JobStatus::queued, Step::wait, write.now, write.now);
    job->wait_reason = QueueReason::uploading;
    save(write, *job, {.from = JobStatus::queued});
    return {};
}

}  // namespace genq::store::sqlite
