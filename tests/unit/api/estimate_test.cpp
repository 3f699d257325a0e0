#include "server/api/estimate.hpp"

#include <gtest/gtest.h>

#include "server/polling/durations.hpp"

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

/// Tasks that take about half a minute.
const polling::Law half_a_minute = polling::learn(polling::spread({25, 36, 300}), {}, {});

std::chrono::milliseconds median(const polling::Law& law, double age = 0) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(law.quantile(0.5, age) * 1000));
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
    const auto result = estimate(job, snapshot, 40, half_a_minute, now);
    EXPECT_EQ(result.start_at, now + seconds(3 + 40)) << "between two creates there is a query";
    EXPECT_EQ(result.finish_at, now + seconds(3 + 40) + median(half_a_minute));
    EXPECT_FALSE(estimate(job, snapshot, std::nullopt, half_a_minute, now).start_at);
    snapshot.queries_per_create = 0;
    EXPECT_EQ(estimate(job, snapshot, 40, half_a_minute, now).start_at, now + seconds(3 + 20));
}

TEST(Estimate, names_concurrency_for_the_jobs_of_a_caller_that_has_its_fill) {
    engine::Snapshot snapshot;
    snapshot.full_callers = {"ann"};
    auto job = job_in(JobStatus::queued, Step::submit);
    job.caller = "ann";
    EXPECT_EQ(queue_reason(job, snapshot), QueueReason::concurrency);
    EXPECT_FALSE(estimate(job, snapshot, 4, half_a_minute, now).start_at) << "the limit is not the engine's";
    job.caller = "bob";
    EXPECT_EQ(queue_reason(job, snapshot), QueueReason::rate_limit);
    job.caller = "ann";
    snapshot.reason = QueueReason::credits;
    EXPECT_EQ(queue_reason(job, snapshot), QueueReason::credits) << "which holds before it";
}

TEST(Estimate, starts_a_job_by_the_tasks_that_have_to_end_before_it) {
    engine::Snapshot snapshot;
    snapshot.reason = QueueReason::concurrency;
    snapshot.max_tasks = 10;
    snapshot.tasks_running = 10;
    snapshot.tokens_free = 20;
    const auto job = job_in(JobStatus::queued, Step::submit);
    EXPECT_FALSE(estimate(job, snapshot, 4, half_a_minute, now).start_at) << "nothing is known of the running ones";
    snapshot.mean_task_s = 60;
    EXPECT_EQ(estimate(job, snapshot, 4, half_a_minute, now).start_at, now + seconds(5 * 6));
    snapshot.reason = QueueReason::rate_limit;
    snapshot.tasks_running = 8;
    EXPECT_EQ(estimate(job, snapshot, 1, half_a_minute, now).start_at, now);
    EXPECT_EQ(estimate(job, snapshot, 4, half_a_minute, now).start_at, now + seconds(3 * 6));
}

TEST(Estimate, drains_at_the_speed_of_the_limit_however_idle_the_past_was) {
    engine::Snapshot snapshot;
    snapshot.tokens_free = 20;
    snapshot.creates_per_minute = 0.2;
    EXPECT_EQ(drain_time(snapshot, 0), seconds(0));
    EXPECT_EQ(drain_time(snapshot, 31), seconds(10)) << "ten go after the first twenty, each with a query";
    store::Hold hold;
    hold.reason = QueueReason::paused;
    hold.model = "m";
    snapshot.holds = {hold};
    EXPECT_EQ(drain_time(snapshot, 31), seconds(10)) << "a model's pause keeps others from nothing";
    snapshot.holds.front().model = "";
    EXPECT_EQ(drain_time(snapshot, 31), std::nullopt);
    snapshot.holds.clear();
    snapshot.reason = QueueReason::concurrency;
    snapshot.tasks_running = snapshot.max_tasks;
    EXPECT_EQ(drain_time(snapshot, 31), std::nullopt) << "nothing is known of the running ones";
}

TEST(Estimate, knows_no_start_while_the_queue_is_held) {
    engine::Snapshot snapshot;
    snapshot.reason = QueueReason::credits;
    EXPECT_FALSE(estimate(job_in(JobStatus::queued, Step::submit), snapshot, 0, half_a_minute, now).start_at);
    snapshot.reason = QueueReason::paused;
    store::Hold hold;
    hold.reason = QueueReason::paused;
    hold.until = now + seconds(90);
    snapshot.holds = {hold};
    EXPECT_EQ(estimate(job_in(JobStatus::queued, Step::submit), snapshot, 0, half_a_minute, now).start_at,
              now + seconds(90));
}

TEST(Estimate, moves_with_the_time_that_a_generation_takes) {
    auto job = job_in(JobStatus::generating, Step::poll);
    double last = -1;
    for (int elapsed = 0; elapsed <= 300; elapsed += 10) {
        job.submitted_at = now - seconds(elapsed);
        const auto result = estimate(job, {}, std::nullopt, half_a_minute, now);
        EXPECT_GE(result.fraction, last);
        EXPECT_LT(result.fraction, 0.95);
        EXPECT_GT(*result.finish_at, now);
        last = result.fraction;
    }
    EXPECT_EQ(estimate(job_in(JobStatus::succeeded, Step::none), {}, {}, half_a_minute, now).fraction, 1);
}

TEST(Estimate, expects_the_end_later_the_longer_a_task_lives) {
    auto job = job_in(JobStatus::generating, Step::poll);
    job.submitted_at = now;
    EXPECT_EQ(estimate(job, {}, {}, half_a_minute, now).finish_at, now + median(half_a_minute));
    job.submitted_at = now - seconds(60);
    const auto late = estimate(job, {}, {}, half_a_minute, now);
    EXPECT_EQ(late.finish_at, now - seconds(60) + median(half_a_minute, 60));
    EXPECT_GT(*late.finish_at, now + seconds(1));
}

TEST(Estimate, goes_by_what_was_learnt_before_what_the_catalogue_says) {
    catalogue::Model model;
    model.typical_s_from = 5;
    model.typical_s_to = 10;
    const auto job = job_in(JobStatus::generating, Step::poll);
    engine::Snapshot snapshot;
    EXPECT_NEAR(law_for(snapshot, &model, job, seconds(300)).quantile(0.5), 7, 1);
    EXPECT_NEAR(law_for(snapshot, nullptr, job, seconds(300)).quantile(0.5), 30, 4);
    const polling::Laws laws{{"m", std::make_shared<const polling::Learnt>(polling::Learnt{half_a_minute, 20})}};
    snapshot.durations = std::make_shared<const polling::Laws>(laws);
    EXPECT_NEAR(law_for(snapshot, &model, job, seconds(300)).quantile(0.5), 30, 2);
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
