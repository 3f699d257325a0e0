#include "server/store/sqlite/check.hpp"

#include <filesystem>
#include <span>
#include <string_view>

#include "common/sql/connection.hpp"
#include "common/sql/migrator.hpp"
#include "server/store/sqlite/rows.hpp"

namespace genq::store {

namespace sqlite {
std::span<const sql::Migration> migrations();
}

namespace {

constexpr std::size_t most_of_a_kind = 100;

constexpr char integrity_check[] = "PRAGMA integrity_check";
constexpr char reference_check[] = "PRAGMA foreign_key_check";
constexpr char select_all[] = "SELECT " GENQ_JOB_COLUMNS " FROM jobs ORDER BY row";
constexpr char select_blobs[] =
    R"(SELECT digest, min(bytes), max(bytes) FROM
        (SELECT digest, bytes FROM outputs WHERE digest IS NOT NULL UNION ALL SELECT digest, bytes FROM job_files)
        GROUP BY digest ORDER BY digest)";

/// A statement that gives a row with a text for each fault of its kind.
struct Rule {
    const char* what;
    const char* sql;
};
constexpr Rule rules[] = {
    {"outputs of a job that was never generated: ",
     "SELECT j.id FROM jobs j WHERE j.generated_at IS NULL AND EXISTS(SELECT 1 FROM outputs o WHERE o.row = j.row)"},
    {"a label without its job, or a job without its label: ",
     R"(SELECT l.key || '=' || l.value FROM job_labels l LEFT JOIN jobs j ON j.row = l.row
        LEFT JOIN json_each(j.labels) e ON e.key = l.key AND e.value = l.value
        WHERE e.key IS NULL
        UNION ALL
        SELECT e.key || '=' || e.value FROM jobs j, json_each(j.labels) e WHERE NOT EXISTS(
            SELECT 1 FROM job_labels l WHERE l.key = e.key AND l.value = e.value AND l.row = j.row))"},
    {"an idempotency key whose job has another id: ",
     "SELECT i.job_id FROM idempotency i JOIN jobs j ON j.row = i.row WHERE j.id <> i.job_id"},
    {"a job that waits for others which have all ended, or does not and should: ",
     R"(SELECT j.id FROM jobs j WHERE (j.step = 'wait' AND j.wait_reason = 'dependency') <>
        (j.status = 'queued' AND (j.reused_from IS NOT NULL OR coalesce(j.wait_reason, '') <> 'scheduled' AND EXISTS(
            SELECT 1 FROM dependencies d JOIN jobs o ON o.row = d.on_row
            WHERE d.row = j.row AND o.status <> 'succeeded'))))"},
    {"a job that others refer to, and does not say so: ",
     R"(SELECT j.id FROM jobs j WHERE j.links & 4 = 0
        AND EXISTS(SELECT 1 FROM dependencies d WHERE d.on_row = j.row))"},
    {"a count of jobs that is not their number: ",
     R"(SELECT coalesce(c.model, n.model) || ' ' || coalesce(c.status, n.status) FROM
        (SELECT model, status, count(*) AS jobs FROM jobs GROUP BY model, status) n
        FULL JOIN (SELECT model, status, jobs FROM job_counts WHERE jobs > 0) c USING(model, status)
        WHERE c.jobs IS NOT n.jobs)"},
    {"a caller's number of queued jobs is not the one noted: ",
     R"(SELECT coalesce(c.caller, n.caller) FROM
        (SELECT caller, count(*) AS jobs FROM jobs WHERE status = 'queued' GROUP BY caller) n
        FULL JOIN (SELECT caller, jobs FROM queued_counts WHERE jobs <> 0) c USING(caller)
        WHERE c.jobs IS NOT n.jobs)"},
    {"the credits that are reserved of a caller's day are not those of its jobs: ",
     R"(SELECT coalesce(b.caller, n.caller) FROM
        (SELECT budget_day AS day, caller, sum(reserved) AS sum FROM jobs WHERE reserved <> 0 GROUP BY 1, 2) n
        FULL JOIN (SELECT day, caller, reserved AS sum FROM budget_days WHERE reserved <> 0) b USING(day, caller)
        WHERE b.sum IS NOT n.sum)"},
    {"a batch without jobs, or a job of a batch that is not there: ",
     R"(SELECT id FROM batches b WHERE NOT EXISTS(SELECT 1 FROM jobs j WHERE j.batch = b.id)
        UNION ALL
        SELECT j.id FROM jobs j WHERE j.batch IS NOT NULL AND NOT EXISTS(SELECT 1 FROM batches b WHERE b.id = j.batch))"},
    {"a job that waits for the result of one that does not go on, or does not know of it: ",
     R"(SELECT j.id FROM jobs j WHERE j.reused_from IS NOT NULL AND j.step <> 'none' AND NOT EXISTS(
            SELECT 1 FROM jobs o WHERE o.id = j.reused_from AND o.reuse_key = j.reuse_key
                AND o.step <> 'none' AND o.reused_from IS NULL AND o.links & 8 <> 0))"},
    {"a webhook's delivery that nothing will ever send: ",
     R"(SELECT j.id FROM deliveries d JOIN jobs j ON j.row = d.row WHERE d.state = 'pending' AND d.next_at IS NULL
        AND NOT EXISTS(SELECT 1 FROM deliveries o WHERE o.row = d.row AND o.next_at IS NOT NULL))"},
    {"the number of pending deliveries is not the one noted: ",
     R"(SELECT CAST(value AS TEXT) FROM totals WHERE name = 'deliveries_pending'
        AND value <> (SELECT count(*) FROM deliveries WHERE state = 'pending'))"},
    {"the sum of the outputs' bytes is not the one noted: ",
     R"(SELECT CAST(value AS TEXT) FROM totals WHERE name = 'blob_bytes'
        AND value <> (SELECT coalesce(sum(bytes), 0) FROM outputs WHERE digest IS NOT NULL))"},
};

class Faults {
  public:
    explicit Faults(std::vector<std::string>& all) : all_(all) {}
    void add(std::string sentence) {
        if (++count_ <= most_of_a_kind) all_.push_back(std::move(sentence));
    }
    /// The next kind begins.
    void end(std::string_view what) {
        if (count_ > most_of_a_kind) {
            all_.push_back("and " + std::to_string(count_ - most_of_a_kind) + " more: " + std::string(what));
        }
        count_ = 0;
    }

  private:
    std::vector<std::string>& all_;
    std::size_t count_ = 0;
};

bool step_fits(const Job& job) {
    switch (job.step) {
        case Step::wait:
        case Step::submit:
            return job.status == JobStatus::queued;
        case Step::settle:
            return job.status == JobStatus::submitting;
        case Step::poll:
            return job.status == JobStatus::generating;
        case Step::download:
            return job.status == JobStatus::downloading;
        case Step::none:
            return is_terminal(job.status);
    }
    return false;
}

/// What must hold of a job; "" if it does. Some of it the schema's CHECKs say too, but a connection that only reads
/// ignores those (SQLite, sqlite3AddCheckConstraint).
std::string_view fault_of(const Job& job) {
    if (!step_fits(job)) return "has a next step that does not fit its status";
    if (job.wait_reason.has_value() != (job.step == Step::wait)) return "waits without a reason, or has one in vain";
    if (job.finished_at.has_value() != is_terminal(job.status)) return "has a time of its end that does not fit";
    if (job.error.has_value() != (job.status == JobStatus::failed)) return "has an error that does not fit its status";
    const bool was_sent = job.status == JobStatus::submitting || job.status == JobStatus::generating ||
                          job.status == JobStatus::downloading;
    if (was_sent && job.attempts == 0) return "was sent, but counts no attempt";
    if (job.status == JobStatus::submitting && job.billed != Billed::unknown) {
        return "has a create in flight, but its bill is not unknown";
    }
    if (job.step == Step::submit && job.refers && job.sent_input.empty()) return "is ready without its files";
    if (job.status == JobStatus::downloading && job.outputs.empty()) return "downloads, but lists no outputs";
    if (job.status == JobStatus::succeeded && job.outputs.empty() && !job.result) return "succeeded without a result";
    if (job.reused_from && !is_terminal(job.status) && job.charge.reserved != 0) {
        return "waits for another's result, but reserves credits";
    }
    if (job.status != JobStatus::succeeded) return {};
    for (std::size_t i = 0; i < job.outputs.size(); ++i) {
        // Of a canceled job only those are left that were stored.
        if (job.outputs[i].index != static_cast<int>(i)) return "succeeded, but its outputs are not numbered from 0";
        if (!job.outputs[i].digest) return "succeeded, but lacks an output";
    }
    return {};
}

void check_pages(sql::Connection& db, DatabaseCheck& check) {
    Faults faults(check.faults);
    {
        auto query = db.query(integrity_check);
        while (query.step()) {
            if (query.text(0) != "ok") faults.add("SQLite: " + std::string(query.text(0)));
        }
    }
    if (auto error = db.take_error()) faults.add("SQLite: " + error->detail);
    faults.end("SQLite's own check");
}

void check_references(sql::Connection& db, DatabaseCheck& check) {
    Faults faults(check.faults);
    auto query = db.query(reference_check);
    while (query.step()) faults.add("a row of " + std::string(query.text(0)) + " belongs to no job");
    faults.end("rows that belong to no job");
}

void check_jobs(sql::Connection& db, DatabaseCheck& check) {
    Faults faults(check.faults);
    auto query = db.query(select_all);
    while (query.step()) {
        ++check.jobs;
        const auto job = sqlite::read_job(db, query);
        if (!job) {
            faults.add(job.error().detail);
        } else if (const auto fault = fault_of(*job); !fault.empty()) {
            faults.add("job " + job->id.text() + " " + std::string(fault));
        }
    }
    faults.end("jobs");
}

void check_rules(sql::Connection& db, DatabaseCheck& check) {
    for (const auto& rule : rules) {
        Faults faults(check.faults);
        auto query = db.query(rule.sql);
        while (query.step()) faults.add(std::string(rule.what) + std::string(query.text(0)));
        faults.end(rule.what);
    }
}

void list_blobs(sql::Connection& db, DatabaseCheck& check) {
    Faults faults(check.faults);
    auto query = db.query(select_blobs);
    while (query.step()) {
        const std::string text(query.text(0));
        const auto digest = Digest::parse(text);
        if (!digest) {
            faults.add("an output lists " + text + ", which is no digest");
            continue;
        }
        if (query.integer(1) != query.integer(2)) faults.add("outputs differ about the size of blob " + text);
        check.blobs.push_back({*digest, static_cast<std::uint64_t>(query.integer(1))});
    }
    faults.end("lists of blobs");
}

}  // namespace

Result<DatabaseCheck> check_database(const std::string& path) {
    if (!std::filesystem::exists(path)) return fail(errc::not_found, "there is no database " + path);
    DatabaseCheck check;
    auto opened = sql::Connection::open({.path = path, .access = sql::Access::read_only});
    if (!opened) return std::unexpected(opened.error());
    sql::Connection& db = **opened;
    check_pages(db, check);
    if (!check.faults.empty()) {
        check.readable = false;
        return check;
    }
    const auto version = sql::schema_version(db);
    if (!version) return std::unexpected(version.error());
    if (const int known = sqlite::migrations().back().number; *version != known) {
        return fail(errc::unsupported, path + " has schema " + std::to_string(*version) + ", and this program checks " +
                                           std::to_string(known) + ": run `genqd migrate`, or the genqd that made it");
    }
    db.run("BEGIN");  // all of it as one moment has it
    check_references(db, check);
    check_jobs(db, check);
    check_rules(db, check);
    list_blobs(db, check);
    db.run("COMMIT");
    if (auto error = db.take_error()) {
        if (error->code != errc::corrupt) return std::unexpected(std::move(*error));
        check.faults.push_back(error->detail);
        check.readable = false;
    }
    return check;
}

}  // namespace genq::store
