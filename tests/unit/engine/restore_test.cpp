#include <gmock/gmock.h>

#include "server/store/copy_mark.hpp"
#include "tests/unit/engine/engine_fixture.hpp"

namespace genq::engine {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class RestoreTest : public EngineTest {
  protected:
    std::optional<std::string> fact(std::string_view name) { return run(store->fact(std::string(name))).value(); }
};

TEST_F(RestoreTest, a_restored_state_submits_nothing_and_says_why) {
    start();
    ASSERT_TRUE(run(engine->pause({})));
    const JobId id = accept();
    restore();
    start();
    ASSERT_EQ(engine->snapshot()->holds.size(), 1U);
    EXPECT_THAT(engine->snapshot()->holds[0].detail, HasSubstr("restored from the backup of 20"));
    EXPECT_THAT(engine->snapshot()->holds[0].detail, HasSubstr("genqd resume --restored"));
    crash();
    start();
    advance(1h);
    EXPECT_EQ(get(id).status, JobStatus::queued);
    EXPECT_EQ(kie.creates(), 0U);

    const auto resumed = run(engine->resume(""));
    ASSERT_FALSE(resumed);
    EXPECT_EQ(resumed.error().code, errc::conflict);
    EXPECT_THAT(resumed.error().detail, HasSubstr("resume --restored"));
    const auto paused = run(engine->pause({.until = clock.wall_now() + 1min, .model = "", .reason = ""}));
    ASSERT_FALSE(paused) << "a pause that ends would end the hold";
    EXPECT_EQ(engine->snapshot()->reason, QueueReason::paused);
}

TEST_F(RestoreTest, a_release_submits_what_was_queued) {
    start();
    ASSERT_TRUE(run(engine->pause({})));
    const JobId id = accept();
    restore();
    start();
    ASSERT_TRUE(run(engine->release_restored(false)));
    ASSERT_TRUE(reaches(id, JobStatus::succeeded));
    EXPECT_FALSE(fact(store::restored_fact));
    EXPECT_FALSE(run(engine->release_restored(false))) << "there is nothing to release any more";
    ASSERT_TRUE(run(engine->pause({})));
    EXPECT_TRUE(run(engine->resume("")));
}

TEST_F(RestoreTest, a_release_can_end_what_may_have_been_submitted_since) {
    start();
    options.on_unknown = OnUnknown::resubmit;
    options.unknown_grace = 10min;
    kie.latency = 8s;
    const JobId in_flight = accept();
    ASSERT_TRUE(reaches(in_flight, JobStatus::submitting));
    ASSERT_TRUE(run(engine->pause({})));
    const JobId queued = accept();
    NewJob later = market_job();
    later.scheduled_at = clock.wall_now() + 1h;
    const JobId scheduled = accept(later);
    restore();
    kie.latency = 200ms;
    const auto before = kie.creates();
    start();
    const JobId accepted_since = accept();
    ASSERT_TRUE(run(engine->release_restored(true)));
    for (const JobId id : {in_flight, queued, scheduled}) {
        EXPECT_EQ(get(id).status, JobStatus::failed);
        EXPECT_EQ(get(id).error->code, JobErrorCode::submit_unknown);
        EXPECT_EQ(get(id).billed, Billed::unknown);
        EXPECT_FALSE(run(store->retry(id, {}, std::nullopt))) << "only `resubmit` pays anew";
    }
    ASSERT_TRUE(reaches(accepted_since, JobStatus::succeeded));
    advance(2h);
    EXPECT_EQ(kie.creates(), before + 1);
}

TEST_F(RestoreTest, a_task_that_fails_after_the_release_is_not_made_anew) {
    start();
    kie.duration = 60s;
    kie.next_task_fails = true;
    NewJob wanted = market_job();
    wanted.generation_retries = 1;
    const JobId id = accept(wanted);
    ASSERT_TRUE(reaches(id, JobStatus::generating));
    restore();
    start();
    ASSERT_TRUE(run(engine->release_restored(false)));
    ASSERT_TRUE(reaches(id, JobStatus::failed)) << "the original has made the second task already";
    EXPECT_EQ(kie.creates(), 1U);
}

TEST_F(RestoreTest, a_start_that_was_cut_off_is_done_again) {
    start();
    restore();
    // As far as the first step.
    ASSERT_TRUE(run(store->set_fact(std::string(store::restored_fact), fact(store::copied_fact))));
    start();
    EXPECT_TRUE(fact(store::restored_fact));
    EXPECT_FALSE(fact(store::copied_fact));
    // A release that got as far as the hold.
    ASSERT_TRUE(run(store->clear_hold(QueueReason::paused, "")));
    crash();
    start();
    EXPECT_EQ(engine->snapshot()->reason, QueueReason::paused);
}

TEST_F(RestoreTest, a_mark_that_cannot_be_read_is_no_start) {
    ASSERT_TRUE(run(store->set_fact(std::string(store::restored_fact), "?")));
    engine = std::make_unique<Engine>(io->get_executor(),
                                      Ports{clock, random, kie, *store, blobs, log, metrics, [] {}, expected}, options);
    const auto started = run(engine->start());
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, errc::corrupt);
    engine.reset();
}

}  // namespace
}  // namespace genq::engine
