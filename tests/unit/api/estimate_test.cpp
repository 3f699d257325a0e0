#include "server/api/estimate.hpp"

#include <gtest/gtest.h>

namespace genq::api {
namespace {

using std::chrono::seconds;

constexpr WallTime now{std::chrono::milliseconds(1'795'000'000'000)};

Job job_in(JobStatus status, Step step) {
    Job job;
    job.status = status;
    job.step = step;
    job.step_at = now + seconds(40);
    job.model = "m";
    return job;
}

Estimate ending(std::chrono::milliseconds later) {
    Estimate estimate;
    estimate.finish_at = now + later;
    return estimate;
}

TEST(Estimate, starts_a_ready_job_by_its_place_and_the_limit) {
    engine::Snapshot snapshot;
    snapshot.tokens_free = 0;
    snapshot.next_token_in = seconds(3);
    const auto job = job_in(JobStatus::queued, Step::submit);
    const auto result = estimate(job, snapshot, 40, seconds(30), now);
    EXPECT_EQ(result.start_at, now + seconds(3 + 20));
    EXPECT_EQ(result.finish_at, now + seconds(3 + 20 + 30));
    EXPECT_FALSE(estimate(job, snapshot, std::nullopt, seconds(30), now).start_at);
}

TEST(Estimate, knows_no_start_while_the_queue_is_held) {
    engine::Snapshot snapshot;
    snapshot.reason = QueueReason::credits;
    EXPECT_FALSE(estimate(job_in(JobStatus::queued, Step::submit), snapshot, 0, seconds(30), now).start_at);
    snapshot.reason = QueueReason::paused;
    store::Hold hold;
    hold.reason = QueueReason::paused;
    hold.until = now + seconds(90);
    snapshot.holds = {hold};
    EXPECT_EQ(estimate(job_in(JobStatus::queued, Step::submit), snapshot, 0, seconds(30), now).start_at,
              now + seconds(90));
}

TEST(Estimate, moves_with_the_time_that_a_generation_takes) {
    auto job = job_in(JobStatus::generating, Step::poll);
    double last = -1;
    for (int elapsed = 0; elapsed <= 100; elapsed += 10) {
        job.submitted_at = now - seconds(elapsed);
        const auto result = estimate(job, {}, std::nullopt, seconds(60), now);
        EXPECT_GE(result.fraction, last);
        EXPECT_LT(result.fraction, 0.95);
        EXPECT_GT(*result.finish_at, now);
        last = result.fraction;
    }
    EXPECT_EQ(estimate(job_in(JobStatus::succeeded, Step::none), {}, {}, seconds(60), now).fraction, 1);
}

TEST(Estimate, asks_to_come_back_within_a_minute) {
    EXPECT_EQ(retry_after(ending(std::chrono::milliseconds(100)), now), seconds(1));
    EXPECT_EQ(retry_after(ending(std::chrono::milliseconds(9'001)), now), seconds(10));
    EXPECT_EQ(retry_after(ending(seconds(900)), now), seconds(60));
    EXPECT_EQ(retry_after({}, now), seconds(30));
}

TEST(QueueReason, is_the_first_that_holds) {
    engine::Snapshot snapshot;
    auto job = job_in(JobStatus::queued, Step::submit);
    snapshot.reason = QueueReason::concurrency;
    EXPECT_EQ(queue_reason(job, snapshot), QueueReason::concurrency);
    snapshot.paused_models = {"m"};
    EXPECT_EQ(queue_reason(job, snapshot), QueueReason::paused);

    job.step = Step::wait;
    job.wait_reason = QueueReason::retry_backoff;
    EXPECT_EQ(queue_reason(job, snapshot), QueueReason::paused);
    snapshot.paused_models.clear();
    EXPECT_EQ(queue_reason(job, snapshot), QueueReason::retry_backoff);
    snapshot.reason = QueueReason::upstream_down;
    EXPECT_EQ(queue_reason(job, snapshot), QueueReason::upstream_down);
    job.wait_reason = QueueReason::scheduled;
    EXPECT_EQ(queue_reason(job, snapshot), QueueReason::scheduled);
}

}  // namespace
}  // namespace genq::api
