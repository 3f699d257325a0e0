#include "server/store/retry_rules.hpp"
#include "tests/unit/store/fixture.hpp"

namespace genq::store {
namespace {

const std::string first_token(64, 'a');
const std::string second_token(64, 'b');

class Callbacks : public test::StoreTest {
  protected:
    /// A job whose create asked for a callback.
    Job called(int attempt = 1, const std::string& token = first_token) {
        const auto made = add();
        EXPECT_TRUE(run(store->record_intent({made.id, attempt, token})));
        return get(made.id);
    }
    Generated success(JobId id) { return {id, "success", {test::source(0)}, {}, 3.0, false}; }
};

TEST_F(Callbacks, find_their_submission_by_its_token_alone) {
    const auto job = called();
    EXPECT_TRUE(job.calls_back);
    const auto found = run(store->submission(job.id, first_token)).value();
    EXPECT_EQ(found.job.id, job.id);
    EXPECT_EQ(found.attempt, 1);
    EXPECT_EQ(found.task_id, "");
    EXPECT_EQ(run(store->submission(job.id, second_token)).error().code, errc::not_found);
    EXPECT_EQ(run(store->submission(add().id, first_token)).error().code, errc::not_found);
    ASSERT_TRUE(run(store->record_submitted({job.id, 1, "task-1", "", in(3)})));
    EXPECT_EQ(run(store->submission(job.id, first_token)).value().task_id, "task-1");
    EXPECT_FALSE(submitting().calls_back);
}

TEST_F(Callbacks, tokens_go_when_an_answer_proves_that_nothing_was_created) {
    const auto refused = called();
    ASSERT_TRUE(run(store->record_not_created({refused.id, 1, false, {}, "429"})));
    EXPECT_FALSE(run(store->submission(refused.id, first_token)));
    const auto doubtful = called();
    ASSERT_TRUE(run(store->record_not_created({doubtful.id, 1, true, {}, "502", false})));
    ASSERT_TRUE(run(store->record_intent({doubtful.id, 2, second_token})));
    EXPECT_EQ(run(store->submission(doubtful.id, first_token)).value().attempt, 1);
    EXPECT_EQ(run(store->submission(doubtful.id, second_token)).value().attempt, 2);
}

TEST_F(Callbacks, take_a_job_out_of_the_queue_that_seemed_not_to_be_created) {
    const auto job = called();
    ASSERT_TRUE(run(store->record_not_created({job.id, 1, true, in(60), "502", false})));
    EXPECT_EQ(run(store->record_submitted({job.id, 1, "t", "", in(3)})).error().code, errc::conflict);
    Submitted proven{job.id, 1, "t", "", in(3)};
    proven.by_callback = true;
    ASSERT_TRUE(run(store->set_fact("queue_epoch", "4")));
    const auto before = get(job.id).version;
    ASSERT_TRUE(run(store->record_submitted(proven)));
    const auto now = get(job.id);
    EXPECT_EQ(now.status, JobStatus::generating);
    EXPECT_EQ(now.billed, Billed::yes);
    EXPECT_EQ(now.version, before + 6) << "as high as readers may see it in the queue, and one more";
}

TEST_F(Callbacks, of_an_earlier_create_leave_a_note_once) {
    const auto job = called();
    ASSERT_TRUE(run(store->record_not_created({job.id, 1, true, {}, "502", false})));
    ASSERT_TRUE(run(store->record_intent({job.id, 2, second_token})));
    ASSERT_TRUE(run(store->record_stray_task(job.id, 1, "stray-7")));
    EXPECT_EQ(run(store->record_stray_task(job.id, 1, "stray-7")).error().code, errc::conflict);
    EXPECT_NE(run(store->events(job.id)).value().back().detail.find("stray-7"), std::string::npos);
    EXPECT_EQ(get(job.id).status, JobStatus::submitting);
    EXPECT_EQ(get(job.id).task_id, "");
}

TEST_F(Callbacks, keep_their_tokens_when_the_job_is_submitted_anew) {
    const auto job = called();
    ASSERT_TRUE(run(store->record_submitted({job.id, 1, "task-1", "", in(3)})));
    failed(get(job.id), JobErrorCode::generation_failed);
    ASSERT_TRUE(run(store->retry(job.id, {true, {}, {}}, {})));
    EXPECT_EQ(get(job.id).attempts, 1) << "no number is used twice";
    EXPECT_EQ(get(job.id).counted_attempts, 0);
    EXPECT_EQ(run(store->submission(job.id, first_token))->task_id, "task-1") << "a late call of it is no stranger's";
}

TEST_F(Callbacks, go_with_their_job) {
    const auto job = called();
    ASSERT_TRUE(run(store->cancel(job.id)));
    ASSERT_TRUE(run(store->erase(job.id)));
    EXPECT_EQ(run(store->submission(job.id, first_token)).error().code, errc::not_found);
}

TEST_F(Callbacks, an_outcome_fails_only_the_create_that_it_is_of) {
    const auto job = called();
    Failure failure{job.id, test::error_of(JobErrorCode::submit_unknown), "", Billed::unknown, {}};
    failure.attempt = 1;
    ASSERT_TRUE(run(store->record_submitted({job.id, 1, "task-1", "", in(3)})));
    EXPECT_EQ(run(store->record_failure(failure)).error().code, errc::conflict);
    EXPECT_EQ(get(job.id).status, JobStatus::generating);

    const auto canceled = called();
    ASSERT_TRUE(run(store->cancel(canceled.id)));
    EXPECT_EQ(get(canceled.id).billed, Billed::unknown);
    Failure refusal{canceled.id, test::error_of(JobErrorCode::rejected), "", Billed::no, {}};
    refusal.attempt = 1;
    EXPECT_EQ(run(store->record_failure(refusal)).error().code, errc::conflict);
    EXPECT_EQ(get(canceled.id).status, JobStatus::canceled);
    EXPECT_EQ(get(canceled.id).billed, Billed::no);
}

TEST_F(Callbacks, revive_what_failed_without_proof) {
    using enum JobErrorCode;
    for (const auto code : {rejected, generation_failed, generation_timeout, download_failed, submit_unknown,
                            deadline_exceeded, dependency_failed, attempts_exhausted, upload_failed}) {
        SCOPED_TRACE(to_string(code));
        auto hurried = test::new_job();
        hurried.deadline_at = in(500);
        const auto job = failed(generating(hurried), code);
        const bool wanted = code == submit_unknown || code == generation_timeout || code == deadline_exceeded;
        EXPECT_EQ(is_revivable(job), wanted);
        EXPECT_EQ(run(store->record_revived(success(job.id))).has_value(), wanted);
        if (!wanted) continue;
        const auto now = get(job.id);
        EXPECT_EQ(now.status, JobStatus::downloading);
        EXPECT_FALSE(now.error || now.finished_at || now.deadline_at);
        EXPECT_EQ(now.polls, 0);
        EXPECT_EQ(now.outputs.size(), 1U);
        auto names = history(job.id);
        names.erase(names.begin(), names.end() - 3);
        EXPECT_EQ(names, (std::vector<std::string>{"failed", "revived", "downloading"}));
    }
    const auto words = failed(generating(), submit_unknown);
    Generated lyrics{words.id, "success", {}, boost::json::value("la"), {}, false};
    ASSERT_TRUE(run(store->record_revived(lyrics)));
    EXPECT_EQ(get(words.id).status, JobStatus::succeeded);
    const auto late = failed(downloading(1), deadline_exceeded);
    EXPECT_FALSE(run(store->record_revived(success(late.id)))) << "its success was known";
}

TEST_F(Callbacks, late_looks_come_in_order_and_end_with_the_jobs_return) {
    std::vector<Job> jobs;
    for (const int wait : {300, 100, 200}) {
        const auto job = generating();
        Failure timeout{job.id, test::error_of(JobErrorCode::generation_timeout), "", {}, {}};
        timeout.late_look_at = in(wait);
        ASSERT_TRUE(run(store->record_failure(timeout)));
        jobs.push_back(job);
    }
    reopen();
    auto first = run(store->late_first()).value();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->job.id, jobs[1].id);
    EXPECT_EQ(first->at, in(100));
    ASSERT_TRUE(run(store->record_late_look(jobs[1].id, in(700))));
    EXPECT_EQ(run(store->late_first()).value()->job.id, jobs[2].id);
    ASSERT_TRUE(run(store->retry(jobs[2].id, {false, {}, in(3)}, {})));
    EXPECT_EQ(run(store->record_late_look(jobs[2].id, in(700))).error().code, errc::conflict);
    EXPECT_EQ(run(store->late_first()).value()->job.id, jobs[0].id);
    ASSERT_TRUE(run(store->record_revived(success(jobs[0].id))));
    EXPECT_EQ(run(store->late_first()).value()->job.id, jobs[1].id);
    ASSERT_TRUE(run(store->record_late_look(jobs[1].id, {})));
    EXPECT_FALSE(run(store->late_first()).value());
}

}  // namespace
}  // namespace genq::store
