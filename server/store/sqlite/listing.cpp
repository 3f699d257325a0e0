#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <limits>

#include "common/core/rfc3339.hpp"
#include "server/store/sqlite/operations.hpp"
#include "server/store/sqlite/row_columns.hpp"
#include "server/store/sqlite/rows.hpp"

// A set to filter by comes as a JSON array, or NULL for "any".
#define GENQ_ANY_OF(column, name) " AND (" name " IS NULL OR " column " IN (SELECT value FROM json_each(" name ")))"
#define GENQ_LIST_FILTERS \
    GENQ_ANY_OF("model", ":models") GENQ_ANY_OF("family", ":families") GENQ_ANY_OF("kind", ":kinds")   \
    GENQ_ANY_OF("caller", ":callers") GENQ_ANY_OF("error_code", ":errors") GENQ_ANY_OF("billed", ":billed") \
    " AND (:batch IS NULL OR batch = :batch)"                                                          \
    " AND NOT EXISTS (SELECT 1 FROM json_each(:labels) AS wanted WHERE NOT EXISTS ("                   \
    "     SELECT 1 FROM job_labels AS has WHERE has.key = wanted.value ->> 0"                          \
    "         AND has.value = wanted.value ->> 1 AND has.row = jobs.row))"

namespace genq::store::sqlite {

namespace json = boost::json;

namespace {

constexpr char list_all[] =
    "SELECT " GENQ_JOB_COLUMNS " FROM jobs WHERE row < :before AND row >= :from" GENQ_LIST_FILTERS GENQ_ANY_OF(
        "status", ":statuses") " ORDER BY row DESC LIMIT :limit";
constexpr char list_status[] =
    "SELECT " GENQ_JOB_COLUMNS
    " FROM jobs INDEXED BY jobs_by_status WHERE status = :status AND row < :before AND row >= :from" GENQ_LIST_FILTERS
    " ORDER BY row DESC LIMIT :limit";
// The first label drives (CROSS JOIN keeps that order): its rows are sorted, and it is what narrows most.
constexpr char list_label[] =
    "SELECT " GENQ_JOB_COLUMNS
    " FROM (SELECT row AS labeled FROM job_labels WHERE key = :key AND value = :value) CROSS JOIN jobs"
    " WHERE row = labeled AND labeled < :before AND labeled >= :from" GENQ_LIST_FILTERS GENQ_ANY_OF(
        "status", ":statuses") " ORDER BY labeled DESC LIMIT :limit";
constexpr char list_batch[] =
    "SELECT " GENQ_JOB_COLUMNS
    " FROM jobs INDEXED BY jobs_by_batch WHERE batch = :only AND row < :before AND row >= :from" GENQ_LIST_FILTERS
        GENQ_ANY_OF("status", ":statuses") " ORDER BY row DESC LIMIT :limit";
// What was created after `finished_before` did not end before it, which bounds the scan.
constexpr char select_ended[] = "SELECT " GENQ_JOB_COLUMNS R"( FROM jobs
    WHERE row > :after AND row < :end AND step = 'none' AND (:before IS NULL OR finished_at < :before)
    AND (NOT :with_blobs OR EXISTS (SELECT 1 FROM outputs o WHERE o.row = jobs.row AND o.digest IS NOT NULL))
    AND NOT EXISTS (SELECT 1 FROM json_each(:keep) AS kept JOIN job_labels AS has ON has.key = kept.value ->> 0
        AND has.value = kept.value ->> 1 AND has.row = jobs.row)
    ORDER BY row LIMIT :limit)";
constexpr char blob_is_listed[] = R"(
    SELECT 1 FROM outputs WHERE digest = :digest
    UNION ALL SELECT 1 FROM job_files WHERE digest = :digest LIMIT 1)";
constexpr char select_counts[] = "SELECT status, model, jobs FROM job_counts WHERE jobs > 0 ORDER BY status, model";
constexpr char select_oldest[] = "SELECT updated_at FROM jobs WHERE step = 'submit' ORDER BY updated_at LIMIT 1";
constexpr char select_pending[] = "SELECT value FROM totals WHERE name = 'deliveries_pending'";
constexpr char select_blob_bytes[] = "SELECT value FROM totals WHERE name = 'blob_bytes'";

template <class Values, class Text>
std::optional<std::string> any_of(const Values& values, Text text) {
    if (values.empty()) return std::nullopt;
    json::array array;
    for (const auto& value : values) array.emplace_back(text(value));
    return json::serialize(array);
}

struct Range {
    std::int64_t from = 0;    // inclusive
    std::int64_t before = 0;  // exclusive
};

/// Rows are ordered by creation time, so times are ranges of rows.
Range range_of(const JobFilter& filter, std::optional<std::int64_t> before) {
    Range range{0, before.value_or(std::numeric_limits<std::int64_t>::max())};
    if (filter.created_after) range.from = first_row_at(to_ms(*filter.created_after) + 1);
    if (filter.created_before) range.before = std::min(range.before, first_row_at(to_ms(*filter.created_before)));
    return range;
}

std::string label_pairs(const Labels& labels) {
    json::array pairs;
    for (const auto& [key, value] : labels) pairs.emplace_back(json::array{key, value});
    return json::serialize(pairs);
}

void bind_filters(sql::Query& query, const JobFilter& filter, const Range& range, int limit) {
    const auto same = [](const std::string& text) { return std::string_view(text); };
    const auto name = [](auto value) { return to_string(value); };
    query.bind(":before", range.before)
        .bind(":from", range.from)
        .bind(":limit", limit)
        .bind(":models", any_of(filter.models, same))
        .bind(":families", any_of(filter.families, name))
        .bind(":kinds", any_of(filter.kinds, same))
        .bind(":callers", any_of(filter.callers, same))
        .bind(":errors", any_of(filter.error_codes, name))
        .bind(":billed", any_of(filter.billed, name))
        .bind(":batch", filter.batch ? std::optional(filter.batch->text()) : std::nullopt)
        .bind(":labels", label_pairs(filter.labels));
}

/// Newest first from several statuses: the newest of each, merged.
Result<std::vector<Job>> list_by_status(sql::Connection& db, const JobFilter& filter, const Range& range, int limit) {
    std::vector<Job> jobs;
    auto statuses = filter.statuses;
    std::ranges::sort(statuses);
    const auto doubles = std::ranges::unique(statuses);
    statuses.erase(doubles.begin(), doubles.end());
    for (const auto status : statuses) {
        auto query = db.query(list_status);
        bind_filters(query, filter, range, limit);
        query.bind(":status", to_string(status));
        auto some = read_jobs(db, query);
        if (!some) return some;
        std::ranges::move(*some, std::back_inserter(jobs));
    }
    std::ranges::sort(jobs, std::greater(), [](const Job& job) { return job.id.row(); });
    if (jobs.size() > static_cast<std::size_t>(limit)) jobs.resize(static_cast<std::size_t>(limit));
    return jobs;
}

Result<std::vector<Job>> find(sql::Connection& db, const JobFilter& filter, const Range& range, int limit) {
    if (!filter.statuses.empty() && filter.labels.empty() && !filter.batch)
        return list_by_status(db, filter, range, limit);
    auto query = db.query(filter.batch ? list_batch : (filter.labels.empty() ? list_all : list_label));
    bind_filters(query, filter, range, limit);
    const auto statuses = any_of(filter.statuses, [](JobStatus status) { return to_string(status); });
    query.bind(":statuses", statuses);
    if (filter.batch) {
        query.bind(":only", filter.batch->text());
    } else if (!filter.labels.empty()) {
        query.bind(":key", filter.labels.front().first).bind(":value", filter.labels.front().second);
    }
    return read_jobs(db, query);
}

}  // namespace

Result<JobPage> list(sql::Connection& db, const JobFilter& filter, std::optional<std::int64_t> before, int limit) {
    // One more than asked for tells whether there is a next page.
    auto jobs = find(db, filter, range_of(filter, before), limit + 1);
    if (!jobs) return std::unexpected(std::move(jobs.error()));
    JobPage page{std::move(*jobs), std::nullopt};
    if (page.jobs.size() > static_cast<std::size_t>(limit)) {
        page.jobs.resize(static_cast<std::size_t>(limit));
        page.next = page.jobs.empty() ? before : std::optional(page.jobs.back().id.row());
    }
    return page;
}

Result<std::vector<Job>> ended(sql::Connection& db, const EndedFilter& filter, std::int64_t after, int limit) {
    const auto before = filter.finished_before ? std::optional(to_ms(*filter.finished_before)) : std::nullopt;
    auto query = db.query(select_ended);
    query.bind(":after", after)
        .bind(":end", before ? first_row_at(*before) : std::numeric_limits<std::int64_t>::max())
        .bind(":before", before)
        .bind(":with_blobs", filter.with_blobs ? 1 : 0)
        .bind(":keep", label_pairs(filter.keep))
        .bind(":limit", limit);
    return read_jobs(db, query);
}

Result<bool> lists_blob(sql::Connection& db, const Digest& digest) {
    auto query = db.query(blob_is_listed);
    query.bind(":digest", digest.hex());
    return query.step();
}

Result<QueueStats> stats(sql::Connection& db) {
    QueueStats stats;
    {
        auto query = db.query(select_counts);
        while (query.step()) {
            RowColumns columns(query);
            CountRow row;
            row.status = columns.word(job_status_from);
            row.model = columns.text();
            row.jobs = columns.integer();
            if (columns.damaged()) return fail(errc::corrupt, "the database's counts of jobs can't be read");
            stats.counts.push_back(std::move(row));
        }
    }
    {
        auto query = db.query(select_oldest);
        if (query.step()) stats.oldest_ready_at = from_ms(query.integer(0));
    }
    {
        auto query = db.query(select_blob_bytes);
        if (query.step()) stats.blob_bytes = query.integer(0);
    }
    auto query = db.query(select_pending);
    if (query.step()) stats.deliveries_pending = query.integer(0);
    return stats;
}

}  // namespace genq::store::sqlite
