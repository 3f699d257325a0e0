#include <boost/json/object.hpp>

#include "tests/unit/store/fixture.hpp"

namespace genq::store {
namespace {

using Lifecycle = test::StoreTest;
using test::error_of;
using test::new_job;
using test::source;
using test::stored;

TEST_F(Lifecycle, goes_from_queued_to_succeeded) {
    const auto job = downloading(2);
    EXPECT_EQ(job.task_id, "task-1");
    EXPECT_EQ(job.billed, Billed::yes);
    EXPECT_EQ(job.credits, 4.5);
    EXPECT_EQ(job.step, Step::download);
    ASSERT_EQ(job.outputs.size(), 2U);
    EXPECT_FALSE(job.outputs[0].digest);
    EXPECT_EQ(run(store->record_output(job.id, stored(1, 'b'))), JobStatus::downloading);
    EXPECT_EQ(run(store->record_output(job.id, stored(0, 'a'))), JobStatus::succeeded);
    const auto done = get(job.id);
    EXPECT_EQ(done.step, Step::none);
    EXPECT_EQ(done.finished_at, clock.wall_now());
    EXPECT_EQ(done.outputs[0].digest, test::digest_of('a'));
    EXPECT_EQ(done.outputs[0].source_url, "https://media.example/0");
    EXPECT_EQ(done.outputs[1].filename, "image.png");
    EXPECT_EQ(history(job.id),
              (std::vector<std::string>{"queued", "submitting", "generating", "downloading", "succeeded"}));
}

TEST_F(Lifecycle, succeeds_at_once_when_there_is_nothing_to_download) {
    const auto job = generating();
    ASSERT_TRUE(run(store->record_generated({job.id, "success", {}, boost::json::object{{"lyrics", "la"}}, {}})));
    const auto done = get(job.id);
    EXPECT_EQ(done.status, JobStatus::succeeded);
    EXPECT_EQ(done.result, (boost::json::object{{"lyrics", "la"}}));
}

TEST_F(Lifecycle, keeps_what_was_learnt_with_the_job_that_taught_it) {
    for (const char* histogram : {"one", "two"}) {
        Generated generated{generating().id, "success", {}, boost::json::object{{"lyrics", "la"}}, {}};
        generated.learnt = {"google/imagen4", histogram};
        ASSERT_TRUE(run(store->record_generated(generated)));
    }
    Generated late{succeeded().id, "success", {}, {}, {}};
    late.learnt = {"google/imagen4", "three"};
    EXPECT_EQ(run(store->record_generated(late)).error().code, errc::conflict);
    reopen();
    const auto learnt = run(store->durations()).value();
    ASSERT_EQ(learnt.size(), 1U);
    EXPECT_EQ(learnt[0].model, "google/imagen4");
    EXPECT_EQ(learnt[0].histogram, "two");
}

TEST_F(Lifecycle, keeps_what_was_learnt_of_the_models_used_last) {
    for (int i = 0; i < 510; ++i) {
        clock.advance(io, std::chrono::milliseconds(1));
        Generated generated{generating().id, "success", {}, boost::json::object{{"lyrics", "la"}}, {}};
        generated.learnt = {"model " + std::to_string(i), "x"};
        ASSERT_TRUE(run(store->record_generated(generated)));
    }
    const auto learnt = run(store->durations()).value();
    ASSERT_EQ(learnt.size(), 500U);
    EXPECT_EQ(learnt.front().model, "model 509");
    EXPECT_EQ(learnt.back().model, "model 10");
}

TEST_F(Lifecycle, marks_an_intent_once_an_attempt) {
    const auto job = add();
    ASSERT_TRUE(run(store->set_fact("queue_epoch", "41")));
    EXPECT_EQ(run(store->record_intent({job.id, 2})).error().code, errc::conflict);
    ASSERT_TRUE(run(store->record_intent({job.id, 1})));
    EXPECT_EQ(run(store->record_intent({job.id, 1})).error().code, errc::conflict);
    const auto now = get(job.id);
    EXPECT_EQ(now.status, JobStatus::submitting);
    EXPECT_EQ(now.billed, Billed::unknown);
    EXPECT_EQ(now.attempts, 1);
    EXPECT_EQ(now.version, 1 + 41 + 2) << "above what readers saw while it was queued";
}

TEST_F(Lifecycle, returns_to_the_queue_when_nothing_was_created) {
    const auto job = submitting();
    EXPECT_EQ(run(store->record_not_created({job.id, 2, false, {}, ""})).error().code, errc::conflict);
    ASSERT_TRUE(run(store->record_not_created({job.id, 1, true, in(5), "502"})));
    auto now = get(job.id);
    EXPECT_EQ(now.step, Step::wait);
    EXPECT_EQ(now.wait_reason, QueueReason::retry_backoff);
    EXPECT_EQ(now.step_at, in(5));
    EXPECT_EQ(now.billed, Billed::no);
    EXPECT_EQ(now.counted_attempts, 1);
    EXPECT_EQ(now.version, job.version + 1);
    EXPECT_EQ(run(store->events(job.id)).value().back().detail, "502");

    EXPECT_EQ(run(store->next_due()).value(), in(5));
    EXPECT_EQ(run(store->promote_waiting(10)), 0);
    pass(5);
    EXPECT_EQ(run(store->promote_waiting(10)), 1);
    EXPECT_EQ(get(job.id).step, Step::submit);
    EXPECT_FALSE(get(job.id).wait_reason);
    ASSERT_TRUE(run(store->record_intent({job.id, 2})));
    ASSERT_TRUE(run(store->record_not_created({job.id, 2, false, {}, "429"})));
    EXPECT_EQ(get(job.id).step, Step::submit);
    EXPECT_EQ(get(job.id).counted_attempts, 1);
}

TEST_F(Lifecycle, keeps_an_unknown_submission_until_it_is_settled) {
    const auto in_flight = submitting();
    const auto unknown = submitting();
    ASSERT_TRUE(run(store->record_unknown(unknown.id, 1, in(300))));
    EXPECT_EQ(run(store->record_unknown(unknown.id, 3, in(300))).error().code, errc::conflict);
    EXPECT_EQ(get(unknown.id).version, unknown.version);
    const auto interrupted = run(store->interrupted()).value();
    ASSERT_EQ(interrupted.size(), 1U) << "the one whose outcome was never recorded";
    ASSERT_TRUE(run(store->record_unknown(interrupted[0].id, 1, in(60))));
    EXPECT_TRUE(run(store->interrupted()).value().empty());
    const auto settle = run(store->with_step(Step::settle, 10)).value();
    ASSERT_EQ(settle.size(), 2U);
    EXPECT_EQ(settle[0].id, in_flight.id);
    EXPECT_EQ(settle[0].step_at, in(60));
    EXPECT_EQ(settle[1].step_at, in(300));
    ASSERT_TRUE(run(store->record_submitted({unknown.id, 1, "task-9", "", in(3)}))) << "a callback named the task";
}

TEST_F(Lifecycle, raises_the_version_for_a_poll_only_when_the_state_changed) {
    const auto job = generating();
    ASSERT_TRUE(run(store->record_poll({job.id, "waiting", in(6)})));
    const auto first = get(job.id);
    EXPECT_EQ(first.version, job.version + 1);
    EXPECT_EQ(first.polls, 1);
    ASSERT_TRUE(run(store->record_poll({job.id, "waiting", in(9)})));
    ASSERT_TRUE(run(store->record_poll({job.id, "ignored", in(12), false})));
    const auto second = get(job.id);
    EXPECT_EQ(second.version, first.version);
    EXPECT_EQ(second.polls, 2);
    EXPECT_EQ(second.step_at, in(12));
    EXPECT_EQ(second.upstream_state, "waiting");
}

TEST_F(Lifecycle, takes_fresh_urls_and_download_retries) {
    const auto job = downloading(2);
    ASSERT_TRUE(run(store->record_output(job.id, stored(0, 'a'))));
    auto fresh0 = source(0);
    auto fresh1 = source(1);
    fresh0.source_url = fresh1.source_url = "https://media.example/fresh";
    ASSERT_TRUE(run(store->record_fresh_urls(job.id, {fresh0, fresh1})));
    ASSERT_TRUE(run(store->record_download_retry(job.id, in(9), "reset")));
    const auto now = get(job.id);
    EXPECT_EQ(now.outputs[0].source_url, "https://media.example/0") << "stored already";
    EXPECT_EQ(now.outputs[1].source_url, "https://media.example/fresh");
    EXPECT_EQ(now.step_at, in(9));
    EXPECT_EQ(now.download_attempts, 1);
    EXPECT_EQ(run(store->record_output(job.id, stored(5, 'a'))).error().code, errc::invalid_argument);
}

TEST_F(Lifecycle, leaves_files_that_are_written_from_the_result_without_a_url) {
    const auto job = generating();
    auto text = source(1);
    text.source_url.clear();
    ASSERT_TRUE(run(store->record_generated({job.id, "success", {source(0), text}, {}, {}})));
    ASSERT_TRUE(run(store->record_fresh_urls(job.id, {source(2), source(1)})));
    EXPECT_EQ(get(job.id).outputs[1].source_url, "");
}

TEST_F(Lifecycle, asks_for_a_new_task_when_the_caller_opted_in) {
    const auto job = generating();
    ASSERT_TRUE(run(store->record_new_generation(job.id, in(4), {}, "531")));
    const auto now = get(job.id);
    EXPECT_EQ(now.status, JobStatus::queued);
    EXPECT_EQ(now.generation_tries, 1);
    EXPECT_EQ(now.task_id, "");
    EXPECT_EQ(now.billed, Billed::no);
    EXPECT_EQ(now.step, Step::wait);
}

TEST_F(Lifecycle, ends_with_the_error_that_it_failed_with) {
    const auto job = generating();
    Failure failure{job.id, error_of(JobErrorCode::generation_failed), "fail", Billed::no, 0.0};
    failure.error.upstream_code = 501;
    failure.error.upstream_message = "nsfw";
    failure.error.advice = "another prompt";
    failure.error.retryable = true;
    ASSERT_TRUE(run(store->record_failure(failure)));
    const auto done = get(job.id);
    ASSERT_TRUE(done.error);
    EXPECT_EQ(done.error->code, JobErrorCode::generation_failed);
    EXPECT_EQ(done.error->upstream_code, 501);
    EXPECT_EQ(done.error->upstream_message, "nsfw");
    EXPECT_EQ(done.error->advice, "another prompt");
    EXPECT_TRUE(done.error->retryable);
    EXPECT_EQ(done.billed, Billed::no);
    EXPECT_EQ(done.credits, 0.0);
    EXPECT_EQ(done.upstream_state, "fail");
    EXPECT_EQ(run(store->record_failure(failure)).error().code, errc::conflict);
}

TEST_F(Lifecycle, cancels_what_has_not_ended) {
    const auto queued = add();
    EXPECT_EQ(run(store->cancel(queued.id)).value().billed, Billed::no);
    EXPECT_EQ(run(store->cancel(queued.id)).error().code, errc::conflict);
    const auto job = downloading(2);
    ASSERT_TRUE(run(store->record_output(job.id, stored(1, 'b'))));
    const auto canceled = run(store->cancel(job.id)).value();
    EXPECT_EQ(canceled.status, JobStatus::canceled);
    ASSERT_EQ(canceled.outputs.size(), 1U) << "what was stored stays";
    EXPECT_EQ(get(job.id).outputs.at(0).index, 1);
}

TEST_F(Lifecycle, writes_down_the_answer_to_a_create_that_was_canceled_in_flight) {
    const auto charged = submitting();
    const auto proof = submitting();
    EXPECT_EQ(run(store->cancel(charged.id)).value().billed, Billed::unknown);
    ASSERT_TRUE(run(store->cancel(proof.id)));
    EXPECT_EQ(run(store->record_submitted({charged.id, 1, "task-1", "", in(3)})).error().code, errc::conflict);
    EXPECT_EQ(get(charged.id).task_id, "task-1");
    EXPECT_EQ(get(charged.id).billed, Billed::yes);
    EXPECT_EQ(get(charged.id).status, JobStatus::canceled);
    EXPECT_TRUE(run(store->record_not_created({proof.id, 1, true, {}, ""})));
    EXPECT_EQ(get(proof.id).billed, Billed::no);
    EXPECT_EQ(get(proof.id).status, JobStatus::canceled);
}

TEST_F(Lifecycle, fails_jobs_past_their_deadline) {
    auto hurried = new_job();
    hurried.deadline_at = in(10);
    const auto queued = add(hurried);
    const auto running = generating(hurried);
    const auto done = add(hurried);
    ASSERT_TRUE(run(store->cancel(done.id)));
    EXPECT_EQ(run(store->next_due()).value(), in(10));
    EXPECT_EQ(run(store->expire_deadlines(10)), std::vector<JobId>{});
    pass(10);
    EXPECT_EQ(run(store->expire_deadlines(10)).value().size(), 2U);
    EXPECT_EQ(get(queued.id).error->code, JobErrorCode::deadline_exceeded);
    EXPECT_EQ(get(running.id).billed, Billed::yes);
    EXPECT_EQ(get(done.id).status, JobStatus::canceled);
    EXPECT_EQ(run(store->next_due()).value(), std::nullopt);
}

TEST_F(Lifecycle, refuses_every_step_that_does_not_start_from_where_the_job_is) {
    std::vector<Job> jobs{add(), submitting(), generating(), downloading(), succeeded(), add()};
    ASSERT_TRUE(run(store->cancel(jobs.back().id)));
    for (const auto& before : jobs) {
        const auto job = get(before.id);
        const auto is = [&](JobStatus status) { return job.status == status; };
        const auto conflict = [](const auto& result) { return !result && result.error().code == errc::conflict; };
        SCOPED_TRACE(to_string(job.status));
        if (!is(JobStatus::queued)) {
            EXPECT_TRUE(conflict(run(store->record_intent({job.id, job.attempts + 1}))));
        }
        if (!is(JobStatus::submitting)) {
            EXPECT_TRUE(conflict(run(store->record_not_created({job.id, job.attempts, false, {}, ""}))));
            EXPECT_TRUE(conflict(run(store->record_submitted({job.id, job.attempts, "t", "", in(1)}))));
            EXPECT_TRUE(conflict(run(store->record_unknown(job.id, job.attempts, in(1)))));
        }
        if (!is(JobStatus::generating)) {
            EXPECT_TRUE(conflict(run(store->record_poll({job.id, "x", in(1)}))));
            EXPECT_TRUE(conflict(run(store->record_generated({job.id, "x", {}, {}, {}}))));
            EXPECT_TRUE(conflict(run(store->record_new_generation(job.id, {}, {}, ""))));
        }
        if (!is(JobStatus::downloading)) {
            EXPECT_TRUE(conflict(run(store->record_fresh_urls(job.id, {}))));
            EXPECT_TRUE(conflict(run(store->record_output(job.id, stored(0, 'a')))));
            EXPECT_TRUE(conflict(run(store->record_download_retry(job.id, in(1), ""))));
        }
        EXPECT_EQ(get(job.id).version, job.version) << "nothing was changed";
    }
}

}  // namespace
}  // namespace genq::store
