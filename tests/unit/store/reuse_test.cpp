#include "server/store/reuse_key.hpp"
#include "server/store/sqlite/check.hpp"
#include "tests/unit/store/fixture.hpp"

namespace genq::store {
namespace {

using test::new_job;
using test::stored;

struct Reuse : test::StoreTest {
    static NewJob identical(std::string caller = "ann") {
        auto job = new_job(std::move(caller));
        job.reuse_key = reuse_key(job);
        job.reuse_after = 0;
        return job;
    }
    void succeed(JobId id) {
        ASSERT_TRUE(run(store->record_intent({id, 1})));
        ASSERT_TRUE(run(store->record_submitted({id, 1, "task", "", in(3)})));
        ASSERT_TRUE(run(store->record_generated({id, "success", {test::source(0)}, {}, 4.5})));
        ASSERT_TRUE(run(store->record_output(id, stored(0, 'a'))));
    }
    void expect_sound() {
        const auto check = check_database(folder / "genqd.db");
        ASSERT_TRUE(check);
        EXPECT_TRUE(check->faults.empty()) << check->faults.front();
    }
    void expect_result_of(JobId id, JobId original) {
        const auto job = get(id);
        EXPECT_EQ(job.status, JobStatus::succeeded);
        EXPECT_EQ(job.reused_from, original);
        EXPECT_EQ(job.billed, Billed::no);
        EXPECT_EQ(job.credits, 0.0);
        EXPECT_EQ(job.attempts, 0);
        ASSERT_EQ(job.outputs.size(), 1U);
        EXPECT_EQ(job.outputs[0].digest, test::digest_of('a'));
    }
};

TEST_F(Reuse, of_a_job_that_has_succeeded_ends_the_new_one_at_once) {
    const auto first = add(identical());
    succeed(first.id);
    const auto second = add(identical());
    EXPECT_EQ(second.status, JobStatus::succeeded);
    expect_result_of(second.id, first.id);
    expect_result_of(add(identical()).id, first.id);  // and not of the second, which took the result too
    EXPECT_EQ(history(second.id), (std::vector<std::string>{"queued", "succeeded"}));
    ASSERT_TRUE(run(store->erase(first.id)));
    EXPECT_EQ(get(second.id).outputs.size(), 1U) << "its own rows";
    expect_sound();
}

TEST_F(Reuse, is_by_caller_model_family_and_input) {
    const auto first = add(identical());
    EXPECT_EQ(add(identical()).reused_from, first.id);
    EXPECT_FALSE(add(identical("bob")).reused_from);
    auto other = identical();
    other.input = R"({"prompt":"a fox","n":2})";
    other.reuse_key = reuse_key(other);
    EXPECT_FALSE(add(other).reused_from);
    auto reordered = new_job();
    reordered.input = R"({"n":1,"prompt":"a fox"})";
    EXPECT_EQ(reuse_key(reordered), identical().reuse_key);
    reordered.family = Family::veo;
    EXPECT_NE(reuse_key(reordered), identical().reuse_key);
    auto unasked = identical();
    unasked.reuse_after.reset();
    EXPECT_FALSE(add(unasked).reused_from);
}

TEST_F(Reuse, compares_numbers_by_value_and_references_by_what_they_stand_for) {
    const auto key = [](std::string input, Contents contents = {}) {
        auto job = new_job();
        job.input = std::move(input);
        job.contents = std::move(contents);
        return reuse_key(job);
    };
    EXPECT_EQ(key(R"({"s":8,"list":[1]})"), key(R"({"list":[1.0],"s":8.0})"));
    EXPECT_NE(key(R"({"s":8})"), key(R"({"s":8.5})"));
    EXPECT_NE(key(R"({"s":8})"), key(R"({"s":"8"})"));
    const std::string output = "genqd:job/01M83S36BY0VQ36VXWAYVEK80V/outputs/0";
    const std::string blob = "genqd:blob/" + std::string(64, 'a');
    const std::string named = R"({"image":")" + output + R"("})";
    EXPECT_EQ(key(named, {{output, blob}}), key(R"({"image":")" + blob + R"("})"));
    EXPECT_NE(key(named), key(named, {{output, blob}}));
}

TEST_F(Reuse, takes_those_along_who_waited_for_a_job_that_another_answers_for) {
    const auto with_file = [](JobId on) {
        auto job = identical();
        job.input = R"({"image":"genqd:job/)" + on.text() + R"(/outputs/0"})";
        job.refers = true;
        job.depends_on = {on};
        job.reuse_key = reuse_key(job);
        return job;
    };
    const auto first = add(new_job());
    const auto second = add(new_job());
    const auto one = add(with_file(first.id));
    const auto follower = add(with_file(first.id));
    const auto other = add(with_file(second.id));
    EXPECT_EQ(follower.reused_from, one.id);
    succeed(first.id);
    succeed(second.id);
    const std::string blob = "genqd:blob/" + test::digest_of('a').hex();
    for (const auto& [id, parent] : {std::pair{other.id, second.id}, std::pair{one.id, first.id}}) {
        const auto key = run(store->record_contents(id, {{"genqd:job/" + parent.text() + "/outputs/0", blob}}));
        ASSERT_TRUE(key);
        EXPECT_EQ(get(id).reuse_key, *key);
    }
    EXPECT_EQ(run(store->take_result(one.id, 0)).value(), true);
    EXPECT_EQ(get(one.id).reused_from, other.id);
    EXPECT_EQ(get(follower.id).reused_from, other.id) << "there are no chains";
    EXPECT_EQ(run(store->take_result(other.id, 0)).value(), false) << "those who wait for it do not answer for it";
    expect_sound();
    ASSERT_TRUE(run(store->record_input(other.id, R"({"image":"https://files.example/1"})", std::nullopt)));
    succeed(other.id);
    expect_result_of(one.id, other.id);
    expect_result_of(follower.id, other.id);
    expect_sound();
}

TEST_F(Reuse, of_a_job_under_way_waits_for_it_and_ends_with_it) {
    const auto first = add(identical());
    const auto second = add(identical());
    const auto third = add(identical());
    for (const auto& job : {second, third}) {
        EXPECT_EQ(job.reused_from, first.id);
        EXPECT_EQ(job.step, Step::wait);
        EXPECT_EQ(job.wait_reason, QueueReason::dependency);
    }
    EXPECT_EQ(run(store->count_ready({}, 10)).value(), 1) << "one task";
    pass(3600);
    EXPECT_EQ(run(store->promote_waiting(10)).value(), 0);
    expect_sound();
    succeed(first.id);
    expect_result_of(second.id, first.id);
    expect_result_of(third.id, first.id);
    expect_sound();
}

TEST_F(Reuse, of_a_job_under_way_waits_for_it_whatever_time_was_asked_for) {
    const auto first = add(identical());
    auto later = identical();
    later.scheduled_at = in(100);
    const auto second = add(later);
    EXPECT_EQ(second.reused_from, first.id);
    EXPECT_EQ(second.wait_reason, QueueReason::dependency);
    pass(200);
    EXPECT_EQ(run(store->promote_waiting(10)).value(), 0) << "its time has come, its result has not";
    succeed(first.id);
    expect_result_of(second.id, first.id);
    expect_sound();
}

TEST_F(Reuse, of_a_job_whose_input_is_to_blame_fails_with_it) {
    for (const auto code : {JobErrorCode::rejected, JobErrorCode::generation_failed}) {
        const auto first = add(identical());
        const auto second = add(identical());
        failed(first, code);
        EXPECT_EQ(get(second.id).error->code, code);
        expect_sound();
        RetryOptions anew;
        anew.resubmit = true;
        ASSERT_TRUE(run(store->retry(second.id, anew, {})));
        EXPECT_FALSE(get(second.id).reused_from) << "retried by itself";
        EXPECT_FALSE(get(second.id).credits);
        EXPECT_EQ(get(second.id).step, Step::submit);
        expect_sound();
        ASSERT_TRUE(run(store->cancel(second.id)));
    }
}

TEST_F(Reuse, of_a_job_that_is_canceled_or_ran_out_of_time_goes_on_with_the_next_in_line) {
    auto dated = identical();
    dated.deadline_at = in(100);
    const auto first = add(dated);
    const auto second = add(identical());
    auto urgent = identical();
    urgent.priority = 5;
    const auto third = add(urgent);
    pass(200);
    EXPECT_EQ(run(store->expire_deadlines(10)).value(), std::vector{first.id});
    EXPECT_FALSE(get(third.id).reused_from);
    EXPECT_EQ(get(third.id).step, Step::submit);
    EXPECT_FALSE(get(third.id).credits);
    EXPECT_EQ(get(second.id).reused_from, third.id);
    expect_sound();
    ASSERT_TRUE(run(store->cancel(third.id)));
    EXPECT_EQ(get(second.id).step, Step::submit);
    expect_sound();
    succeed(second.id);
    expect_sound();
}

TEST_F(Reuse, by_a_job_that_ends_by_itself_leaves_the_others_alone) {
    const auto first = add(identical());
    const auto second = add(identical());
    ASSERT_TRUE(run(store->cancel(second.id)));
    EXPECT_EQ(get(first.id).step, Step::submit);
    succeed(first.id);
    EXPECT_EQ(get(second.id).status, JobStatus::canceled);
    expect_sound();
}

TEST_F(Reuse, reserves_nothing_until_the_job_goes_on_by_itself) {
    auto priced = identical();
    priced.admission.price = 4'000;
    priced.admission.caller.credits_per_day = 5'000;
    const auto first = add(priced);
    const auto second = add(priced);
    EXPECT_EQ(first.charge.reserved, 4'000);
    EXPECT_EQ(second.charge.reserved, 0);
    expect_sound();
    ASSERT_TRUE(run(store->cancel(first.id)));
    EXPECT_EQ(get(second.id).charge.reserved, 4'000) << "at the price of its acceptance";
    expect_sound();
}

TEST_F(Reuse, that_answers_at_once_needs_no_place_in_the_queue) {
    succeed(add(identical()).id);
    auto narrow = identical();
    narrow.admission.caller.max_queued = 1;
    auto waiting = new_job();
    waiting.input = R"({"prompt":"other"})";
    add(waiting);
    EXPECT_FALSE(run(store->accept(narrow, {})).value().refused);
}

TEST_F(Reuse, of_a_job_that_waits_for_others_waits_too_and_fails_with_them) {
    const auto base = add();
    auto referring = identical();
    referring.refers = true;
    referring.depends_on = {base.id};
    const auto first = add(referring);
    const auto second = add(referring);
    EXPECT_EQ(second.reused_from, first.id);
    expect_sound();
    ASSERT_TRUE(run(store->cancel(base.id)));
    EXPECT_EQ(get(first.id).error->code, JobErrorCode::dependency_failed);
    EXPECT_EQ(get(second.id).error->code, JobErrorCode::dependency_failed);
    expect_sound();
}

TEST_F(Reuse, of_a_job_that_waits_for_others_goes_on_when_it_is_canceled) {
    const auto base = add();
    auto referring = identical();
    referring.refers = true;
    referring.depends_on = {base.id};
    const auto first = add(referring);
    const auto second = add(referring);
    ASSERT_TRUE(run(store->cancel(first.id)));
    EXPECT_EQ(get(second.id).wait_reason, QueueReason::dependency) << "of its own now";
    EXPECT_FALSE(get(second.id).reused_from);
    expect_sound();
    succeed(base.id);
    EXPECT_EQ(get(second.id).wait_reason, QueueReason::uploading);
    expect_sound();
}

TEST_F(Reuse, in_a_batch_makes_one_task_of_identical_jobs) {
    NewBatch batch{.caller = "ann", .labels = {}, .jobs = {}};
    for (int i = 0; i < 3; ++i) batch.jobs.push_back({identical(), {}});
    const auto made = run(store->accept_batch(std::move(batch), {})).value();
    EXPECT_EQ(run(store->count_ready({}, 10)).value(), 1);
    succeed(made.jobs[0]);
    EXPECT_TRUE(run(store->batch(made.id)).value().finished_at);
    expect_result_of(made.jobs[2], made.jobs[0]);
    expect_sound();
}

TEST_F(Reuse, after_a_restore_fails_who_waited_as_well_since_it_may_have_gone_on) {
    const auto first = add(identical());
    const auto second = add(identical());
    EXPECT_EQ(run(store->fail_unsent(second.id.row(), 10)).value().size(), 2U);
    EXPECT_EQ(get(second.id).billed, Billed::unknown);
    EXPECT_FALSE(get(second.id).reused_from);
    expect_sound();
    EXPECT_EQ(get(first.id).status, JobStatus::failed);
}

}  // namespace
}  // namespace genq::store
