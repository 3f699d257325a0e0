#include "tests/unit/engine/engine_fixture.hpp"

namespace genq::engine {
namespace {

using namespace std::chrono_literals;

class RecoveryTest : public EngineTest {};

TEST_F(RecoveryTest, an_interrupted_create_is_unknown_and_not_sent_again) {
    start();
    kie.latency = 8s;
    const JobId id = accept();
    advance(1s);
    ASSERT_EQ(get(id).status, JobStatus::submitting);
    crash();
    kie.latency = 200ms;
    const std::size_t before = kie.creates();
    start();
    ASSERT_TRUE(reaches(id, JobStatus::failed));
    EXPECT_EQ(get(id).error->code, JobErrorCode::submit_unknown);
    EXPECT_EQ(get(id).billed, Billed::unknown);
    advance(1h);
    EXPECT_EQ(kie.creates(), before);
}

TEST_F(RecoveryTest, a_running_task_is_asked_for_again) {
    start();
    kie.duration = 60s;
    const JobId id = accept();
    ASSERT_TRUE(reaches(id, JobStatus::generating));
    crash();
    start();
    ASSERT_TRUE(reaches(id, JobStatus::succeeded));
    EXPECT_EQ(kie.creates(), 1U);
}

TEST_F(RecoveryTest, a_download_starts_over) {
    start();
    blobs.full = true;
    const JobId id = accept();
    ASSERT_TRUE(reaches(id, JobStatus::downloading));
    crash();
    blobs.full = false;
    start();
    ASSERT_TRUE(reaches(id, JobStatus::succeeded, 20min));
    EXPECT_EQ(kie.creates(), 1U);
}

TEST_F(RecoveryTest, queued_jobs_and_holds_are_where_they_were) {
    start();
    ASSERT_TRUE(run(engine->pause({})));
    const JobId id = accept();
    crash();
    start();
    advance(5min);
    EXPECT_EQ(get(id).status, JobStatus::queued);
    EXPECT_EQ(engine->snapshot()->reason, QueueReason::paused);
    ASSERT_TRUE(run(engine->resume("")));
    ASSERT_TRUE(reaches(id, JobStatus::succeeded));
}

TEST_F(RecoveryTest, a_new_directory_starts_at_once_and_a_used_one_waits_a_window_and_the_stragglers) {
    start();
    const JobId first = accept();
    ASSERT_TRUE(reaches(first, JobStatus::succeeded));
    EXPECT_LT(kie.arrivals[0] - SteadyTime(1h), 2s);
    crash();
    start();
    const SteadyTime restarted = clock.now();
    const std::size_t before = kie.arrivals.size();
    const JobId second = accept();
    ASSERT_TRUE(reaches(second, JobStatus::succeeded));
    EXPECT_GE(kie.arrivals[before] - restarted, 20s);
}

TEST_F(RecoveryTest, a_clean_stop_shortens_the_wait_by_the_time_that_passed) {
    start();
    const JobId first = accept();
    ASSERT_TRUE(reaches(first, JobStatus::succeeded));
    stop();
    advance(30s);
    start();
    const SteadyTime restarted = clock.now();
    const std::size_t before = kie.arrivals.size();
    const JobId second = accept();
    ASSERT_TRUE(reaches(second, JobStatus::succeeded));
    EXPECT_LT(kie.arrivals[before] - restarted, 2s);
}

TEST_F(RecoveryTest, a_restart_opens_no_second_burst) {
    start();
    kie.duration = 20s;
    std::vector<JobId> jobs;
    for (int i = 0; i < 40; ++i) jobs.push_back(accept());
    advance(3s);
    crash();
    start();
    for (const JobId& id : jobs) {
        ASSERT_TRUE(run_until([&] { return is_terminal(get(id).status); }, 30min));
    }
    EXPECT_LE(kie.busiest(10s), 20U);
}

TEST_F(RecoveryTest, a_restart_opens_no_second_burst_of_queries_with_limits_of_their_own) {
    options.scope = LimitScope::create;
    start();
    kie.duration = 1min;
    ASSERT_TRUE(reaches(accept(), JobStatus::generating));
    advance(1s);
    crash();
    const std::size_t before = kie.requests.size();
    start();
    advance(10s);
    EXPECT_EQ(kie.requests.size(), before) << "a second and the stragglers' ten";
    advance(10s);
    EXPECT_GT(kie.requests.size(), before);
}

TEST_F(RecoveryTest, versions_never_go_back) {
    start();
    ASSERT_TRUE(run(engine->pause({})));
    const JobId id = accept();
    advance(1s);
    std::int64_t last = 0;
    const auto shown = [&] {
        const Job job = get(id);
        return job.version + (job.status == JobStatus::queued ? engine->snapshot()->queue_epoch : 0);
    };
    const auto rises = [&] {
        const std::int64_t now = shown();
        EXPECT_GE(now, last);
        last = now;
    };
    rises();
    crash();
    start();
    rises();
    ASSERT_TRUE(run(engine->resume("")));
    rises();
    ASSERT_TRUE(run_until(
        [&] {
            rises();
            return get(id).status == JobStatus::succeeded;
        },
        10min));
}

TEST_F(RecoveryTest, a_version_does_not_go_back_when_a_job_leaves_the_queue_for_good) {
    start();
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(run(engine->pause({})));
        ASSERT_TRUE(run(engine->resume("")));
    }
    ASSERT_TRUE(run(engine->pause({})));
    const JobId canceled = accept();
    NewJob late = market_job();
    late.deadline_at = clock.wall_now() + 1min;
    const JobId expired = accept(std::move(late));
    advance(1s);
    const auto epoch = engine->snapshot()->queue_epoch;
    ASSERT_GT(epoch, 2);
    const auto shown = get(canceled).version + epoch;
    ASSERT_TRUE(run(store->cancel(canceled)));
    EXPECT_GT(get(canceled).version, shown);
    ASSERT_TRUE(reaches(expired, JobStatus::failed));
    EXPECT_GT(get(expired).version, shown);
}

}  // namespace
}  // namespace genq::engine
