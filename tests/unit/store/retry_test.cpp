#include "tests/unit/store/fixture.hpp"

namespace genq::store {
namespace {

using Retry = test::StoreTest;
using test::new_job;

TEST_F(Retry, asks_again_for_a_task_that_timed_out) {
    auto hurried = new_job();
    hurried.deadline_at = in(500);
    const auto job = failed(generating(hurried), JobErrorCode::generation_timeout);
    pass(100);
    const auto again = run(store->retry(job.id, {false, {}, in(3)}, {})).value();
    EXPECT_FALSE(again.replayed);
    const auto now = get(job.id);
    EXPECT_EQ(now.status, JobStatus::generating);
    EXPECT_EQ(now.step, Step::poll);
    EXPECT_EQ(now.step_at, in(3));
    EXPECT_EQ(now.task_id, "task-1");
    EXPECT_EQ(now.submitted_at, clock.wall_now()) << "its longest wait starts over";
    EXPECT_FALSE(now.error || now.finished_at || now.deadline_at);
    EXPECT_EQ(now.version, job.version + 1);
    EXPECT_EQ(run(store->events(job.id)).value().back().detail, "retry");
}

TEST_F(Retry, downloads_what_is_left) {
    const auto job = failed(downloading(2), JobErrorCode::download_failed);
    ASSERT_TRUE(run(store->retry(job.id, {false, in(60), {}}, {})));
    const auto now = get(job.id);
    EXPECT_EQ(now.status, JobStatus::downloading);
    EXPECT_EQ(now.deadline_at, in(60));
    EXPECT_EQ(now.outputs.size(), 2U);
}

TEST_F(Retry, pays_anew_only_when_told_to) {
    const auto job = failed(generating(), JobErrorCode::generation_failed);
    EXPECT_EQ(run(store->retry(job.id, {}, {})).error().code, errc::conflict);
    ASSERT_TRUE(run(store->retry(job.id, {true, {}, {}}, {})));
    const auto now = get(job.id);
    EXPECT_EQ(now.status, JobStatus::queued);
    EXPECT_EQ(now.step, Step::submit);
    EXPECT_EQ(now.task_id, "");
    EXPECT_EQ(now.billed, Billed::no);
    EXPECT_EQ(now.attempts, 0);
    EXPECT_FALSE(now.submitted_at);
    ASSERT_TRUE(run(store->record_intent({job.id, 1})));
}

TEST_F(Retry, keeps_a_late_answer_apart_from_the_new_attempt) {
    const auto job = failed(submitting(), JobErrorCode::submit_unknown);
    ASSERT_TRUE(run(store->retry(job.id, {true, {}, {}}, {})));
    ASSERT_TRUE(run(store->record_intent({job.id, 2})));
    EXPECT_EQ(run(store->record_submitted({job.id, 1, "old", "", in(3)})).error().code, errc::conflict);
    EXPECT_EQ(get(job.id).task_id, "");
    EXPECT_TRUE(run(store->record_submitted({job.id, 2, "new", "", in(3)})));
}

TEST_F(Retry, polls_a_canceled_job_whose_outputs_were_dropped) {
    const auto job = downloading(2);
    ASSERT_TRUE(run(store->cancel(job.id)));
    ASSERT_TRUE(run(store->retry(job.id, {false, {}, in(3)}, {})));
    EXPECT_EQ(get(job.id).status, JobStatus::generating);
    EXPECT_TRUE(get(job.id).outputs.empty());
}

TEST_F(Retry, answers_a_repeated_request_with_the_job) {
    const auto job = failed(add(), JobErrorCode::rejected);
    const IdempotencyKey key{"ann", "POST /v1/jobs/{id}/retry", "r", "body"};
    EXPECT_FALSE(run(store->retry(job.id, {}, key)).value().replayed);
    EXPECT_TRUE(run(store->retry(job.id, {}, key)).value().replayed);
    EXPECT_EQ(run(store->retry(job.id, {}, {})).error().code, errc::conflict) << "it is queued";
    auto other = key;
    other.body_sha256 = "other";
    EXPECT_EQ(run(store->retry(job.id, {}, other)).error().code, errc::already_exists);
}

TEST_F(Retry, does_not_use_up_the_key_of_a_refused_request) {
    const auto job = add();
    const IdempotencyKey key{"ann", "POST /v1/jobs/{id}/retry", "r", "body"};
    EXPECT_EQ(run(store->retry(job.id, {}, key)).error().code, errc::conflict);
    failed(job, JobErrorCode::rejected);
    EXPECT_FALSE(run(store->retry(job.id, {}, key)).value().replayed);
}

}  // namespace
}  // namespace genq::store
