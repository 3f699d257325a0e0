#include <limits>

#include "common/core/rfc3339.hpp"
#include "server/store/sqlite/operations.hpp"
#include "server/store/sqlite/row_columns.hpp"
#include "server/store/sqlite/rows.hpp"

// Rows are ordered by creation time, so a range of times is a range of the table. Deleted jobs are known by the hour.
#define GENQ_USAGE(key)                                                                      \
    "SELECT " key                                                                            \
    " AS group_key, status, sum(jobs), sum(told), sum(assumed), sum(reserved) FROM ("        \
    "SELECT model, caller, status, labels, 1 AS jobs, told, assumed, reserved FROM jobs"     \
    " WHERE row >= :from AND row < :to UNION ALL "                                           \
    "SELECT model, caller, status, labels, jobs, told, assumed, reserved FROM deleted_usage" \
    " WHERE hour >= :from_hour AND hour < :to_hour) WHERE :only IS NULL OR caller = :only"   \
    " GROUP BY group_key, status ORDER BY group_key"

namespace genq::store::sqlite {

namespace {

constexpr char by_model[] = GENQ_USAGE("model");
constexpr char by_caller[] = GENQ_USAGE("caller");
constexpr char by_label[] = GENQ_USAGE("(SELECT value FROM json_each(labels) WHERE json_each.key = :label)");

constexpr std::int64_t hour_ms = 3'600'000;

const char* statement(UsageBy by) {
    switch (by) {
        case UsageBy::model:
            return by_model;
        case UsageBy::caller:
            return by_caller;
        case UsageBy::label:
            return by_label;
    }
    return by_model;
}

}  // namespace

Result<std::vector<UsageRow>> usage(sql::Connection& db, const UsageQuery& wanted) {
    std::vector<UsageRow> rows;
    auto query = db.query(statement(wanted.by));
    query.bind(":from", first_row_at(to_ms(wanted.from)))
        .bind(":to", wanted.to ? first_row_at(to_ms(*wanted.to)) : std::numeric_limits<std::int64_t>::max())
        .bind(":from_hour", to_ms(wanted.from) / hour_ms)
        .bind(":to_hour",
              wanted.to ? (to_ms(*wanted.to) + hour_ms - 1) / hour_ms : std::numeric_limits<std::int64_t>::max())
        .bind(":only", wanted.caller);
    if (wanted.by == UsageBy::label) query.bind(":label", wanted.label);
    while (query.step()) {
        RowColumns columns(query);
        UsageRow row;
        row.key = columns.maybe_text();
        row.status = columns.word(job_status_from);
        row.jobs = columns.integer();
        row.told = columns.integer();
        row.assumed = columns.integer();
        row.reserved = columns.integer();
        if (columns.damaged()) return fail(errc::corrupt, "the database's usage can't be read");
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace genq::store::sqlite
