#include "tests/unit/store/fixture.hpp"

namespace genq::store {
namespace {

using namespace std::chrono_literals;

struct History : test::StoreTest {
    std::vector<HistoryRow> last_hours(int hours, std::chrono::minutes step = 1min) {
        const auto now = clock.wall_now();
        return run(store->history({now - std::chrono::hours(hours), now + 1min, step})).value();
    }
};

TEST_F(History, counts_by_minute_and_keeps_what_is_deleted) {
    const auto done = submitting();
    pass(60);
    ASSERT_TRUE(run(store->record_submitted({done.id, 1, "task-1", "", in(3)})));
    ASSERT_TRUE(run(store->record_generated(
        {.id = done.id, .upstream_state = "success", .outputs = {}, .result = {}, .credits = {}, .ended_at = in(-5)})));
    failed(submitting(), JobErrorCode::rejected);
    ASSERT_TRUE(run(store->cancel(add().id)));
    ASSERT_TRUE(run(store->erase(done.id)));
    const auto rows = last_hours(1);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].accepted, 1);
    EXPECT_EQ(rows[0].creates, 1);
    EXPECT_EQ(rows[0].succeeded, 0);
    EXPECT_EQ(rows[1].at - rows[0].at, 1min);
    EXPECT_EQ(rows[1].accepted, 2);
    EXPECT_EQ(rows[1].creates, 1);
    EXPECT_EQ(rows[1].succeeded, 1);
    EXPECT_EQ(rows[1].failed, 1);
    EXPECT_EQ(rows[1].canceled, 1);
    EXPECT_EQ(rows[1].detection.seen, 1);
    EXPECT_EQ(rows[1].detection.sum, 5s);
    EXPECT_EQ(rows[1].detection.longest, 5s);
    const auto whole = last_hours(1, 60min);
    EXPECT_EQ(whole.front().accepted + (whole.size() > 1 ? whole.back().accepted : 0), 3);
}

TEST_F(History, knows_how_long_jobs_waited_for_their_first_create) {
    const auto early = add();
    auto wanted = test::new_job();
    wanted.scheduled_at = in(90);
    const auto late = add(wanted);
    pass(100);
    ASSERT_TRUE(run(store->promote_waiting(10)));
    ASSERT_TRUE(run(store->record_intent({early.id, 1})));
    ASSERT_TRUE(run(store->record_intent({late.id, 1})));
    Requeue again;
    again.id = early.id;
    again.attempt = 1;
    ASSERT_TRUE(run(store->record_not_created(again)));
    ASSERT_TRUE(run(store->record_intent({early.id, 2})));
    const auto row = last_hours(1).back();
    EXPECT_EQ(row.creates, 3);
    EXPECT_EQ(row.wait.seen, 2);
    EXPECT_EQ(row.wait.sum, 110s);
    EXPECT_EQ(row.wait.longest, 100s);
}

bool operator==(const Lag& a, const Lag& b) {
    return a.seen == b.seen && a.sum == b.sum && a.longest == b.longest;
}

TEST_F(History, of_a_database_of_before_is_read_off_its_jobs) {
    const auto done = submitting();
    pass(200);
    ASSERT_TRUE(run(store->record_submitted({done.id, 1, "task-1", "", in(3)})));
    ASSERT_TRUE(run(store->record_generated(
        {.id = done.id, .upstream_state = "success", .outputs = {}, .result = {}, .credits = {}, .ended_at = in(-7)})));
    auto wanted = test::new_job();
    wanted.scheduled_at = in(90);
    const auto late = add(wanted);
    failed(submitting(), JobErrorCode::rejected);
    pass(100);
    ASSERT_TRUE(run(store->promote_waiting(10)));
    ASSERT_TRUE(run(store->record_intent({late.id, 1})));
    ASSERT_TRUE(run(store->cancel(add().id)));
    const auto kept = last_hours(1);
    store.reset();
    script(folder / "genqd.db",
           "DELETE FROM schema_migrations WHERE number = 15; DROP TABLE minutes; DROP TRIGGER minutes_accept;"
           "DROP TRIGGER minutes_create; DROP TRIGGER minutes_end; DROP TRIGGER minutes_notice");
    store = open();
    const auto found = last_hours(1);
    ASSERT_EQ(found.size(), kept.size());
    for (std::size_t i = 0; i < kept.size(); ++i) {
        EXPECT_EQ(found[i].at, kept[i].at);
        EXPECT_EQ(found[i].accepted, kept[i].accepted);
        EXPECT_EQ(found[i].creates, kept[i].creates);
        EXPECT_EQ(found[i].succeeded, kept[i].succeeded);
        EXPECT_EQ(found[i].failed, kept[i].failed);
        EXPECT_EQ(found[i].canceled, kept[i].canceled);
        EXPECT_TRUE(found[i].wait == kept[i].wait) << i;
        EXPECT_TRUE(found[i].detection == kept[i].detection) << i;
    }
}

TEST_F(History, goes_back_thirty_days) {
    add();
    pass(30 * 86'400 - 60);
    add();
    EXPECT_EQ(last_hours(31 * 24).size(), 2U);
    pass(120);
    add();
    EXPECT_EQ(last_hours(31 * 24).size(), 2U);
}

}  // namespace
}  // namespace genq::store
