#include "common/sql/connection.hpp"
#include "server/store/sqlite/copy.hpp"
#include "tests/unit/store/fixture.hpp"

namespace genq::store::test {
namespace {

struct StoreEvents : StoreTest {
    EventPage after(std::int64_t id, std::optional<JobId> job = {}, int limit = 1000) {
        return run(store->events_after(id, job, limit)).value();
    }
    static std::vector<std::string> names(const EventPage& page) {
        std::vector<std::string> all;
        all.reserve(page.events.size());
        for (const auto& one : page.events) all.push_back(one.event.name);
        return all;
    }
};

using Names = std::vector<std::string>;

TEST_F(StoreEvents, come_in_order_with_what_they_are_chosen_by) {
    auto job = new_job("ben", 0, "suno/V5");
    job.family = Family::suno;
    job.kind = "music";
    job.labels = {{"project", "spring"}, {"tier", "b"}};
    const auto first = generating(std::move(job));
    const auto second = add();
    const auto page = after(0);
    EXPECT_EQ(names(page), (Names{"queued", "submitting", "generating", "queued"}));
    const FeedEvent& one = page.events.at(2);
    EXPECT_EQ(one.event.job, first.id);
    EXPECT_EQ(one.event.at, clock.wall_now());
    EXPECT_EQ(one.caller, "ben");
    EXPECT_EQ(one.model, "suno/V5");
    EXPECT_EQ(one.family, Family::suno);
    EXPECT_EQ(one.kind, "music");
    EXPECT_EQ(one.batch, std::nullopt);
    EXPECT_EQ(one.labels, (Labels{{"project", "spring"}, {"tier", "b"}}));
    EXPECT_EQ(page.events.at(3).event.job, second.id);
    EXPECT_EQ(page.newest, page.events.back().event.id);
    EXPECT_EQ(page.erased, 0);
    EXPECT_EQ(names(after(one.event.id)), Names{"queued"});
    EXPECT_EQ(names(after(0, {}, 2)), (Names{"queued", "submitting"}));
    EXPECT_EQ(names(after(0, {}, 0)), Names{});
    EXPECT_EQ(after(0, {}, 0).newest, page.newest);
}

TEST_F(StoreEvents, of_one_job) {
    const auto job = generating();
    (void)add();
    const auto page = after(0, job.id);
    EXPECT_EQ(names(page), (Names{"queued", "submitting", "generating"}));
    EXPECT_EQ(names(after(page.events.at(1).event.id, job.id)), Names{"generating"});
    const auto none = run(store->events_after(0, JobId::parse("01ARZ3NDEKTSV4RRFFQ69G5FAV"), 10));
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, errc::not_found);
}

TEST_F(StoreEvents, that_went_with_their_job_are_remembered) {
    EXPECT_EQ(after(0).newest, 0);
    const auto kept = add();
    const auto gone = run(store->cancel(add().id)).value();
    EXPECT_EQ(after(0).newest, 3);
    ASSERT_TRUE(run(store->erase(gone.id)));
    const auto page = after(0);
    EXPECT_EQ(names(page), Names{"queued"});
    EXPECT_EQ(page.newest, 3) << "an id is never given twice";
    EXPECT_EQ(page.erased, 3);
    ASSERT_TRUE(run(store->cancel(kept.id)));
    ASSERT_TRUE(run(store->erase(run(store->cancel(add().id)).value().id)));
    ASSERT_TRUE(run(store->erase(kept.id)));
    EXPECT_EQ(after(0).erased, 6) << "the newest, whichever went last";
}

TEST_F(StoreEvents, tell_since_when_only_the_daemon_stood_before_them) {
    const auto added = add();
    const WallTime next = clock.wall_now();
    pass(2);
    ASSERT_TRUE(run(store->record_intent({.id = added.id, .attempt = 1, .next_since = next})));
    ASSERT_TRUE(run(store->record_submitted({added.id, 1, "task-1", "", in(3)})));
    pass(10);
    Generated generated{added.id, "success", {source(0)}, {}, {}};
    generated.ended_at = in(-4);
    ASSERT_TRUE(run(store->record_generated(generated)));
    const auto failing = generating();
    Failure failure{failing.id, error_of(JobErrorCode::generation_failed), "fail", {}, {}};
    failure.ended_at = in(-1);
    ASSERT_TRUE(run(store->record_failure(failure)));
    reopen();
    std::map<std::string, std::optional<WallTime>> since;
    for (const auto& event : run(store->events(added.id)).value()) since[event.name] = event.since;
    EXPECT_EQ(since,
              (decltype(since){{"queued", {}}, {"submitting", next}, {"generating", {}}, {"downloading", in(-4)}}));
    const auto told = run(store->events(failing.id)).value();
    EXPECT_EQ(told.at(1).since, std::nullopt) << "nobody said it";
    EXPECT_EQ(told.back().since, in(-1));
    EXPECT_EQ(told.back().detail, "generation_failed");
}

// What the migration finds in a database of before.
TEST_F(StoreEvents, that_went_before_anybody_noted_it_are_found) {
    const auto older = [&](const char* change) {
        store.reset();
        script(folder / "genqd.db",
               "DELETE FROM schema_migrations WHERE number = 10;"
               "DROP TRIGGER events_erased; DELETE FROM totals WHERE name = 'newest_event_erased'");
        script(folder / "genqd.db", change);
        store = open();
        return after(0).erased;
    };
    EXPECT_EQ(older(""), 0);
    (void)generating();
    (void)generating();
    EXPECT_EQ(older(""), 0);
    EXPECT_EQ(older("DELETE FROM events WHERE id = 1"), 1);
    EXPECT_EQ(older("DELETE FROM events WHERE id IN (3, 4)"), 4);
    EXPECT_EQ(older("DELETE FROM events WHERE id = 6"), 6);
}

TEST_F(StoreEvents, of_a_copy_are_never_taken_for_the_originals) {
    const auto job = generating();
    const std::string copy = folder / "copy.db";
    ASSERT_TRUE(copy_database(folder / "genqd.db", copy, clock.wall_now()));
    // The original goes on.
    ASSERT_TRUE(run(store->cancel(job.id)));
    const auto seen = after(0).newest;
    store.reset();
    std::filesystem::rename(copy, std::string(folder / "genqd.db"));
    store = open();
    ASSERT_TRUE(run(store->cancel(job.id)));
    const auto page = after(seen);
    EXPECT_GT(page.erased, seen);
    EXPECT_EQ(names(page), Names{"canceled"});
    EXPECT_GT(page.events.front().event.id, page.erased);
}

}  // namespace
}  // namespace genq::store::test
