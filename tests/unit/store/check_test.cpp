#include <gmock/gmock.h>

#include "common/sql/connection.hpp"
#include "server/store/copy_mark.hpp"
#include "server/store/sqlite/check.hpp"
#include "server/store/sqlite/copy.hpp"
#include "server/store/sqlite/table_check.hpp"
#include "tests/unit/store/fixture.hpp"

namespace genq::store {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class StoreCheck : public test::StoreTest {
  protected:
    DatabaseCheck check() { return check_database(folder / "genqd.db").value(); }
    void run_script(const std::string& sql) {
        const auto db = sql::Connection::open({.path = folder / "genqd.db"});
        ASSERT_TRUE(db);
        const auto done = (*db)->script("PRAGMA foreign_keys=OFF; PRAGMA ignore_check_constraints=ON;" + sql);
        ASSERT_TRUE(done) << done.error().detail;
    }
    /// The database is closed, changed by hand, and looked at; then it is as before. Without the rows' sums, which
    /// would find each change.
    std::vector<std::string> faults_after(const std::string& sql) {
        return faults_with_sums_after(sql + "; UPDATE jobs SET sum = NULL");
    }
    std::vector<std::string> faults_with_sums_after(const std::string& sql) {
        store.reset();
        run_script("VACUUM INTO '" + (folder / "before.db") + "'");
        run_script(sql);
        auto faults = check().faults;
        std::filesystem::rename(folder / "before.db", folder / "genqd.db");
        store = open();
        return faults;
    }
};

TEST_F(StoreCheck, finds_a_value_that_is_not_what_was_written) {
    auto labeled = test::new_job();
    labeled.labels = {{"project", "spring"}};
    labeled.warnings = {"seed is no field"};
    const auto id = add(labeled).id;
    succeeded('a');
    failed(generating(), JobErrorCode::generation_timeout);
    const auto path = folder / "genqd.db";
    const auto table = TableCheck::open(path).value();
    EXPECT_THAT(check().faults, IsEmpty());
    EXPECT_THAT(table->check("jobs").value(), IsEmpty());
    run_script("UPDATE jobs SET input = replace(input, 'a', 'e') WHERE id = '" + id.text() + "'");
    const auto fault = "the database's row of job " + id.text() + " is not what was written";
    EXPECT_THAT(check().faults, ElementsAre(HasSubstr(fault)));
    EXPECT_THAT(table->check("jobs").value(), ElementsAre(fault));
    store.reset();
    store = open();
    EXPECT_EQ(run(store->get(id)).error().code, errc::corrupt) << "and is not given out";
}

TEST_F(StoreCheck, has_each_value_of_a_row_in_its_sum) {
    auto job = test::new_job();
    job.labels = {{"project", "spring"}};
    job.deadline_at = in(900);
    const auto id = generating(job).id;
    for (const char* column : {"version = version + 1",
                               "priority = 7",
                               "caller = 'bob'",
                               "model = 'x'",
                               "wire_model = 'x'",
                               "family = 'suno'",
                               "kind = 'music'",
                               "profile = 'video'",
                               "deadline_at = deadline_at + 1",
                               "max_attempts = 9",
                               "longest_wait_s = 9",
                               "submitted_at = submitted_at + 1",
                               "attempts = 2",
                               "task_id = 'other'",
                               "endpoint = 'x'",
                               "upstream_state = 'x'",
                               "polls = 9",
                               "billed = 'no'",
                               "credits = 1.5",
                               "estimate = estimate + 1",
                               "labels = '{\"project\":\"autumn\"}'",
                               "step_at = step_at + 1",
                               "lost_creates = 1"}) {
        const auto fault = "the database's row of job " + id.text() + " is not what was written";
        EXPECT_THAT(faults_with_sums_after(std::string("UPDATE jobs SET ") + column), Contains(HasSubstr(fault)))
            << column;
    }
}

TEST_F(StoreCheck, finds_no_fault_in_jobs_of_every_state) {
    auto labeled = test::new_job();
    labeled.labels = {{"project", "spring"}, {"team", "a"}};
    add(labeled);
    submitting();
    generating();
    downloading();
    succeeded('a');
    succeeded('a');
    succeeded('b');
    failed(generating(), JobErrorCode::generation_timeout);
    const auto partly = downloading();
    ASSERT_TRUE(run(store->record_output(partly.id, test::stored(1, 'c'))));
    ASSERT_TRUE(run(store->cancel(partly.id)));
    auto late = test::new_job();
    late.scheduled_at = in(60);
    add(late);
    const auto seen = check();
    EXPECT_THAT(seen.faults, IsEmpty());
    EXPECT_EQ(seen.jobs, 10U);
    ASSERT_EQ(seen.blobs.size(), 3U) << "each once";
    EXPECT_EQ(seen.blobs[0].digest, test::digest_of('a'));
    EXPECT_EQ(seen.blobs[0].bytes, 10U);
    store.reset();
    EXPECT_THAT(check().faults, IsEmpty());
    store = open();
}

TEST_F(StoreCheck, names_what_does_not_hold_of_a_job_or_of_what_belongs_to_it) {
    auto labeled = test::new_job();
    labeled.labels = {{"project", "spring"}};
    const auto queued = add(labeled);
    const auto done = succeeded();
    const std::string name = "job " + done.id.text();
    EXPECT_THAT(faults_after("UPDATE outputs SET digest = NULL; UPDATE totals SET value = 0"),
                ElementsAre(name + " succeeded, but lacks an output"));
    EXPECT_THAT(faults_after("DELETE FROM outputs"), ElementsAre(name + " succeeded without a result"));
    EXPECT_THAT(faults_after("UPDATE outputs SET idx = 1"),
                ElementsAre(name + " succeeded, but its outputs are not numbered from 0"));
    EXPECT_THAT(faults_after("UPDATE jobs SET status = 'submitting', step = 'settle', step_at = 1, billed = 'no' "
                             "WHERE status = 'queued'"),
                ElementsAre("job " + queued.id.text() + " was sent, but counts no attempt"));
    EXPECT_THAT(faults_after("UPDATE jobs SET step = 'poll' WHERE status = 'queued'"),
                ElementsAre("job " + queued.id.text() + " has a next step that does not fit its status"));
    EXPECT_THAT(faults_after("UPDATE jobs SET finished_at = 1 WHERE status = 'queued'"),
                ElementsAre("job " + queued.id.text() + " has a time of its end that does not fit"));
    EXPECT_THAT(faults_after("UPDATE jobs SET input = 'x' WHERE status = 'queued'"),
                ElementsAre("the database's row of job " + queued.id.text() + " can't be read"));
    EXPECT_THAT(faults_after("DELETE FROM job_labels"), ElementsAre(HasSubstr("project=spring")));
    EXPECT_THAT(faults_after("INSERT INTO job_labels VALUES('a', 'b', 1)"), ElementsAre(HasSubstr("a=b")));
    EXPECT_THAT(faults_after("UPDATE job_counts SET jobs = jobs + 1 WHERE status = 'queued'"),
                ElementsAre(HasSubstr("google/imagen4 queued")));
    EXPECT_THAT(faults_after("UPDATE queued_counts SET jobs = jobs + 1"), ElementsAre(HasSubstr("queued jobs")));
    EXPECT_THAT(faults_after("UPDATE budget_days SET reserved = reserved + 1"),
                Contains(HasSubstr("reserved of a caller's day")));
    EXPECT_THAT(faults_after("UPDATE totals SET value = value + 1 WHERE name = 'blob_bytes'"),
                ElementsAre(HasSubstr("11")));
    EXPECT_THAT(faults_after("UPDATE totals SET value = value + 1 WHERE name = 'deliveries_pending'"),
                ElementsAre(HasSubstr("pending deliveries")));
    EXPECT_THAT(faults_after("INSERT INTO deliveries(row, n, event, webhook_id, receiver, body) "
                             "SELECT max(row), 1, 'queued', 'msg_1', 'a.example', '{}' FROM jobs"),
                ElementsAre(HasSubstr("that nothing will ever send")));
    EXPECT_THAT(faults_after("INSERT INTO events VALUES(NULL, 1, 'queued', 1, '', NULL)"),
                ElementsAre("a row of events belongs to no job"));
    EXPECT_THAT(faults_after("UPDATE outputs SET digest = replace(digest, 'a', 'x')"),
                testing::Contains(HasSubstr("xxx")));
    EXPECT_THAT(check().faults, IsEmpty());
}

TEST_F(StoreCheck, tells_a_database_of_another_program_from_a_damaged_one) {
    store.reset();
    run_script("INSERT INTO schema_migrations VALUES(9999, 'later', '', 0)");
    const auto newer = check_database(folder / "genqd.db");
    ASSERT_FALSE(newer);
    EXPECT_EQ(newer.error().code, errc::unsupported);
    run_script("DELETE FROM schema_migrations WHERE number = 9999");
    store = open();
    EXPECT_EQ(check_database(folder / "none.db").error().code, errc::not_found);
    EXPECT_EQ(copy_database(folder / "none.db", folder / "copy.db", clock.wall_now()).error().code, errc::not_found);
}

TEST_F(StoreCheck, a_copy_is_whole_and_marked_while_the_original_is_written_to) {
    add();
    const auto last = succeeded();
    ASSERT_TRUE(run(store->set_fact("stopped_at", "5")));
    ASSERT_TRUE(copy_database(folder / "genqd.db", folder / "copy.db", clock.wall_now()));
    add();
    const auto copy = check_database(folder / "copy.db").value();
    EXPECT_THAT(copy.faults, IsEmpty());
    EXPECT_EQ(copy.jobs, 2U);
    EXPECT_TRUE(is_fresh_copy(folder / "copy.db").value());
    EXPECT_FALSE(run(store->fact(std::string(copied_fact))).value()) << "the original is not marked";
    EXPECT_FALSE(copy_database(folder / "genqd.db", folder / "copy.db", clock.wall_now())) << "nothing is overwritten";

    SqliteOptions options;
    options.path = folder / "copy.db";
    const auto opened = SqliteJobStore::open(std::move(options), clock, random).value();
    const auto mark = copy_mark_from(run(opened->fact(std::string(copied_fact))).value().value());
    ASSERT_TRUE(mark);
    EXPECT_EQ(mark->last_row, last.id.row());
    EXPECT_EQ(mark->at, clock.wall_now());
    EXPECT_EQ(run(opened->fact("stopped_at")).value(), std::nullopt) << "the original may have run since";
    for (const char* text : {"", "5", "x 2026-11-22T19:00:00.000Z", "5 yesterday"}) EXPECT_FALSE(copy_mark_from(text));
}

}  // namespace
}  // namespace genq::store
