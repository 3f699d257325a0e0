#include "common/sql/connection.hpp"
#include "tests/unit/store/fixture.hpp"

namespace genq::store {
namespace {

using QueryPlan = test::StoreTest;

/// How SQLite would run a statement; `sql` is a constant.
std::string plan(sql::Connection& db, const char* sql) {
    std::string steps;
    auto query = db.query(sql);
    while (query.step()) steps += std::string(query.text(3)) + "\n";
    return steps;
}

struct Case {
    const char* sql;
    const char* wanted;
};

TEST_F(QueryPlan, of_the_hot_statements_uses_an_index_and_sorts_nothing) {
    const auto db = sql::Connection::open({.path = folder / "genqd.db", .access = sql::Access::read_only});
    ASSERT_TRUE(db);
    const std::vector<Case> cases{
        {"EXPLAIN QUERY PLAN SELECT * FROM jobs WHERE row = ?", "USING INTEGER PRIMARY KEY"},
        {"EXPLAIN QUERY PLAN SELECT * FROM outputs WHERE row = ? ORDER BY idx", "USING PRIMARY KEY"},
        {"EXPLAIN QUERY PLAN SELECT priority FROM jobs WHERE step = 'submit' ORDER BY priority DESC LIMIT 1",
         "COVERING INDEX jobs_ready"},
        {"EXPLAIN QUERY PLAN SELECT caller FROM jobs WHERE step = 'submit' AND priority = ? AND caller > ? "
         "ORDER BY caller LIMIT 1",
         "COVERING INDEX jobs_ready (priority=? AND caller>?)"},
        {"EXPLAIN QUERY PLAN SELECT row FROM jobs WHERE step = 'submit' AND priority = ? AND caller = ? "
         "AND row NOT IN (SELECT value FROM json_each(?)) AND model NOT IN (SELECT value FROM json_each(?)) "
         "ORDER BY row LIMIT 1",
         "jobs_ready (priority=? AND caller=?)"},
        {"EXPLAIN QUERY PLAN SELECT * FROM jobs WHERE step = 'wait' AND step_at <= ? ORDER BY step_at LIMIT ?",
         "INDEX jobs_due (step=? AND step_at<?)"},
        {"EXPLAIN QUERY PLAN SELECT * FROM jobs WHERE step = ? AND step_at IS NOT NULL ORDER BY step_at LIMIT ?",
         "INDEX jobs_due (step=?"},
        {"EXPLAIN QUERY PLAN SELECT * FROM jobs WHERE deadline_at IS NOT NULL AND step <> 'none' "
         "AND deadline_at <= ? ORDER BY deadline_at LIMIT ?",
         "INDEX jobs_deadlines (deadline_at>? AND deadline_at<?)"},
        {"EXPLAIN QUERY PLAN SELECT updated_at FROM jobs WHERE step = 'submit' ORDER BY updated_at LIMIT 1",
         "INDEX jobs_ready_since"},
        {"EXPLAIN QUERY PLAN SELECT * FROM jobs INDEXED BY jobs_by_status WHERE status = 'queued' AND step = 'submit' "
         "AND row NOT IN (SELECT value FROM json_each(?)) ORDER BY row LIMIT 1",
         "INDEX jobs_by_status (status=?)"},
        {"EXPLAIN QUERY PLAN SELECT e.at, j.id FROM events AS e CROSS JOIN jobs AS j ON j.row = e.row WHERE e.id > ? "
         "ORDER BY e.id LIMIT ?",
         "SEARCH e USING INTEGER PRIMARY KEY (rowid>?)"},
        {"EXPLAIN QUERY PLAN SELECT e.at, j.id FROM events AS e CROSS JOIN jobs AS j ON j.row = e.row WHERE e.row = ? "
         "AND e.id > ? ORDER BY e.id LIMIT ?",
         "SEARCH e USING INDEX events_by_job (row=? AND rowid>?)"},
        {"EXPLAIN QUERY PLAN SELECT row, next_at FROM late_watch ORDER BY next_at LIMIT 1", "INDEX late_watch_due"},
        {"EXPLAIN QUERY PLAN SELECT row, url, base, tries, next_at FROM front_calls "
         "WHERE next_at IS NOT NULL AND next_at <= ? ORDER BY next_at LIMIT ?",
         "INDEX front_calls_due (next_at>? AND next_at<?)"},
        {"EXPLAIN QUERY PLAN SELECT receiver FROM deliveries WHERE next_at IS NOT NULL AND receiver > ? ORDER BY "
         "receiver LIMIT 1",
         "INDEX deliveries_due (receiver>?)"},
        {"EXPLAIN QUERY PLAN SELECT row, n FROM deliveries WHERE receiver = ? AND next_at IS NOT NULL AND next_at <= ? "
         "ORDER BY next_at LIMIT ?",
         "INDEX deliveries_due (receiver=? AND next_at>? AND next_at<?)"},
        {"EXPLAIN QUERY PLAN SELECT min(next_at) FROM deliveries WHERE next_at IS NOT NULL AND next_at > ?",
         "INDEX deliveries_next (next_at>?)"},
        {"EXPLAIN QUERY PLAN SELECT attempt, token, task_id FROM submissions WHERE row = ?",
         "USING PRIMARY KEY (row=?)"},
        {"EXPLAIN QUERY PLAN SELECT * FROM jobs INDEXED BY jobs_by_status WHERE status = ? AND row < ? AND row >= ? "
         "ORDER BY row DESC LIMIT ?",
         "INDEX jobs_by_status (status=? AND row>? AND row<?)"},
        {"EXPLAIN QUERY PLAN SELECT * FROM (SELECT row AS labeled FROM job_labels WHERE key = ? AND value = ?) "
         "CROSS JOIN jobs WHERE row = labeled AND labeled < ? AND labeled >= ? ORDER BY labeled DESC LIMIT ?",
         "SEARCH job_labels USING PRIMARY KEY (key=? AND value=? AND row>? AND row<?)"},
        {"EXPLAIN QUERY PLAN SELECT 1 FROM outputs WHERE digest = ? LIMIT 1", "INDEX outputs_by_digest (digest=?)"},
        {"EXPLAIN QUERY PLAN SELECT count(*) FROM (SELECT 1 FROM jobs WHERE step = 'submit' "
         "AND model NOT IN (SELECT value FROM json_each(?)) LIMIT ?)",
         "COVERING INDEX jobs_ready"},
        {"EXPLAIN QUERY PLAN SELECT model, histogram FROM durations ORDER BY updated_at DESC LIMIT ?",
         "INDEX durations_by_age"},
        {"EXPLAIN QUERY PLAN SELECT coalesce(sum(used), 0), coalesce(sum(reserved), 0) FROM budget_days "
         "WHERE day = ? AND (? IS NULL OR caller = ?)",
         "SEARCH budget_days USING PRIMARY KEY (day=?)"},
        {"EXPLAIN QUERY PLAN SELECT credits FROM prices WHERE model = ?", "SEARCH prices USING PRIMARY KEY (model=?)"},
        {"EXPLAIN QUERY PLAN SELECT status, told FROM jobs WHERE row >= ? AND row < ?",
         "USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
        {"EXPLAIN QUERY PLAN SELECT j.id, o.idx, o.digest, o.media_type FROM outputs o JOIN jobs j ON j.row = o.row "
         "WHERE o.digest IS NOT NULL AND o.probed = 0 ORDER BY o.row DESC, o.idx LIMIT ?",
         "INDEX outputs_unprobed"},
        {"EXPLAIN QUERY PLAN SELECT * FROM events WHERE row = ? ORDER BY id", "INDEX events_by_job (row=?)"},
    };
    for (const auto& row : cases) {
        const auto steps = plan(**db, row.sql);
        EXPECT_NE(steps.find(row.wanted), std::string::npos) << row.sql << "\n" << steps;
        EXPECT_EQ(steps.find("TEMP B-TREE"), std::string::npos) << row.sql << "\n" << steps;
    }
}

}  // namespace
}  // namespace genq::store
