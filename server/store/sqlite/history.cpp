#include <chrono>

#include "common/core/rfc3339.hpp"
#include "server/store/sqlite/operations.hpp"
#include "server/store/sqlite/row_columns.hpp"

namespace genq::store::sqlite {

namespace {

constexpr std::int64_t minute_ms = 60'000;

constexpr char select_history[] = R"(
    SELECT minute / :step * :step, sum(accepted), sum(creates), sum(succeeded), sum(failed), sum(canceled),
           sum(waits), sum(wait_ms), max(wait_max_ms), sum(notices), sum(notice_ms), max(notice_max_ms)
    FROM minutes WHERE minute >= :from AND minute < :to GROUP BY 1 ORDER BY 1)";

Lag read_lag(RowColumns& columns) {
    Lag lag;
    lag.seen = columns.integer();
    lag.sum = std::chrono::milliseconds(columns.integer());
    lag.longest = std::chrono::milliseconds(columns.integer());
    return lag;
}

}  // namespace

Result<std::vector<HistoryRow>> history(sql::Connection& db, const HistoryQuery& wanted) {
    std::vector<HistoryRow> rows;
    auto query = db.query(select_history);
    query.bind(":step", wanted.step.count())
        .bind(":from", to_ms(wanted.from) / minute_ms)
        .bind(":to", to_ms(wanted.to) / minute_ms);
    while (query.step()) {
        RowColumns columns(query);
        HistoryRow row;
        row.at = from_ms(columns.integer() * minute_ms);
        row.accepted = columns.integer();
        row.creates = columns.integer();
        row.succeeded = columns.integer();
        row.failed = columns.integer();
        row.canceled = columns.integer();
        row.wait = read_lag(columns);
        row.detection = read_lag(columns);
        if (columns.damaged()) return fail(errc::corrupt, "the database's history of the queue can't be read");
        rows.push_back(row);
    }
    return rows;
}

}  // namespace genq::store::sqlite
