#include "server/store/sqlite/check.hpp"
#include "tests/unit/store/fixture.hpp"

namespace genq::store {
namespace {

using test::digest_of;
using test::new_job;
using test::stored;

struct Dependencies : test::StoreTest {
    NewJob referring(std::vector<JobId> to) {
        auto job = new_job();
        job.refers = true;
        job.depends_on = std::move(to);
        return job;
    }
    void succeed(JobId id, char digit = 'a') {
        ASSERT_TRUE(run(store->record_intent({id, get(id).attempts + 1})));
        ASSERT_TRUE(run(store->record_submitted({id, get(id).attempts, "task", "", in(3)})));
        ASSERT_TRUE(run(store->record_generated({id, "success", {test::source(0)}, {}, {}})));
        ASSERT_TRUE(run(store->record_output(id, stored(0, digit))));
    }
    void expect_sound() {
        const auto check = check_database(folder / "genqd.db");
        ASSERT_TRUE(check);
        EXPECT_TRUE(check->faults.empty()) << check->faults.front();
    }
};

TEST_F(Dependencies, are_waited_for_and_shown_both_ways) {
    const auto first = add();
    const auto second = add(referring({first.id}));
    const auto third = add(referring({first.id, second.id}));
    EXPECT_EQ(second.step, Step::wait);
    EXPECT_EQ(second.wait_reason, QueueReason::dependency);
    EXPECT_EQ(run(store->events(second.id)).value().front().detail, "dependency");
    EXPECT_EQ(get(second.id).depends_on, std::vector{first.id});
    EXPECT_EQ(get(first.id).dependants, (std::vector{second.id, third.id}));
    pass(3600);
    EXPECT_EQ(run(store->promote_waiting(10)).value(), 0) << "no time ends this wait";
    EXPECT_FALSE(run(store->next_due()).value());
    expect_sound();

    succeed(first.id);
    EXPECT_EQ(get(second.id).wait_reason, QueueReason::uploading);
    EXPECT_EQ(get(third.id).wait_reason, QueueReason::dependency) << "one of two";
    ASSERT_TRUE(run(store->record_input(second.id, R"({"prompt":"x"})", {})));
    EXPECT_EQ(get(second.id).step, Step::submit);
    EXPECT_EQ(get(second.id).sent_input, R"({"prompt":"x"})");
    succeed(second.id, 'b');
    EXPECT_EQ(get(third.id).wait_reason, QueueReason::uploading);
    expect_sound();
}

TEST_F(Dependencies, that_have_ended_well_are_not_waited_for) {
    const auto first = succeeded();
    EXPECT_EQ(add(referring({first.id})).wait_reason, QueueReason::uploading);
}

TEST_F(Dependencies, fail_those_who_wait_for_them_however_long_the_chain) {
    const auto first = add();
    std::vector<JobId> chain{first.id};
    for (int i = 0; i < 300; ++i) chain.push_back(add(referring({chain.back()})).id);
    ASSERT_TRUE(run(store->cancel(first.id)));
    for (std::size_t i = 1; i < chain.size(); ++i) {
        const auto job = get(chain[i]);
        ASSERT_EQ(job.status, JobStatus::failed);
        EXPECT_EQ(job.error->code, JobErrorCode::dependency_failed);
        EXPECT_EQ(job.billed, Billed::no);
    }
    EXPECT_EQ(get(chain[1]).error->message, "job " + first.id.text() + ", which it refers to, was canceled");
    EXPECT_EQ(get(chain[2]).error->message, "job " + chain[1].text() + ", which it refers to, has failed");
    expect_sound();
}

TEST_F(Dependencies, fail_those_that_are_scheduled_too) {
    const auto first = add();
    auto later = referring({first.id});
    later.scheduled_at = in(100);
    const auto job = add(later);
    EXPECT_EQ(job.wait_reason, QueueReason::scheduled);
    failed(first, JobErrorCode::rejected);
    EXPECT_EQ(get(job.id).status, JobStatus::failed);
}

TEST_F(Dependencies, come_after_the_schedule) {
    const auto first = add();
    auto later = referring({first.id});
    later.scheduled_at = in(100);
    const auto job = add(later);
    pass(101);
    EXPECT_EQ(run(store->promote_waiting(10)).value(), 1);
    EXPECT_EQ(get(job.id).wait_reason, QueueReason::dependency);
}

TEST_F(Dependencies, that_have_failed_already_fail_a_new_job_at_once) {
    const auto first = failed(add(), JobErrorCode::rejected);
    const auto job = add(referring({first.id}));
    EXPECT_EQ(job.status, JobStatus::failed);
    EXPECT_EQ(history(job.id), (std::vector<std::string>{"queued", "failed"}));
    EXPECT_EQ(run(store->retry(job.id, {}, {})).error().code, errc::conflict) << "it would fail again";
    ASSERT_TRUE(run(store->retry(first.id, {}, {})));
    ASSERT_TRUE(run(store->retry(job.id, {}, {})));
    EXPECT_EQ(get(job.id).wait_reason, QueueReason::dependency);
    expect_sound();
}

TEST_F(Dependencies, can_not_be_deleted_while_they_are_needed) {
    const auto first = succeeded();
    const auto job = add(referring({first.id}));
    EXPECT_EQ(run(store->erase(first.id)).error().code, errc::conflict);
    ASSERT_TRUE(run(store->cancel(job.id)));
    ASSERT_TRUE(run(store->erase(first.id)));
    EXPECT_EQ(get(job.id).depends_on, std::vector{first.id}) << "what it was is still told";
    EXPECT_EQ(run(store->accept(referring({first.id}), {})).error().code, errc::conflict);
    expect_sound();
}

TEST_F(Dependencies, of_a_job_that_is_resubmitted_are_resolved_anew) {
    const auto first = succeeded();
    const auto job = add(referring({first.id}));
    ASSERT_TRUE(run(store->record_input(job.id, "{}", in(10))));
    ASSERT_TRUE(run(store->record_intent({job.id, 1})));
    failed(get(job.id), JobErrorCode::rejected);
    pass(20);
    ASSERT_TRUE(run(store->retry(job.id, {true, {}, {}}, {})));
    EXPECT_EQ(get(job.id).wait_reason, QueueReason::uploading) << "the copies are gone by now";
}

using Files = Dependencies;

TEST_F(Files, are_uploaded_by_priority_and_in_turns) {
    const auto with = [this](std::string caller, int priority) {
        auto job = new_job(std::move(caller), priority);
        job.refers = true;
        return add(job).id;
    };
    const auto ann1 = with("ann", 0);
    const auto ann2 = with("ann", 0);
    const auto bob = with("bob", 0);
    const auto high = with("zoe", 5);
    std::vector<JobId> order;
    std::set<std::int64_t> taken;
    std::string last;
    while (const auto job = run(store->next_upload(last, taken)).value().job) {
        order.push_back(job->id);
        last = job->caller;
        taken.insert(job->id.row());
    }
    EXPECT_EQ(order, (std::vector{high, ann1, bob, ann2}));

    ASSERT_TRUE(run(store->record_upload_retry(high, in(30))));
    ASSERT_TRUE(run(store->record_input(ann1, "{}", {})));
    taken = {ann2.row(), bob.row()};
    const auto turn = run(store->next_upload("", taken)).value();
    EXPECT_FALSE(turn.job);
    EXPECT_EQ(turn.next_at, in(30));
    EXPECT_EQ(run(store->record_input(ann1, "{}", {})).error().code, errc::conflict);
}

TEST_F(Files, go_back_when_their_copies_are_too_old) {
    auto job = new_job();
    job.refers = true;
    const auto id = add(job).id;
    ASSERT_TRUE(run(store->record_input(id, "{}", in(10))));
    ASSERT_TRUE(run(store->record_stale_input(id)));
    EXPECT_EQ(get(id).wait_reason, QueueReason::uploading);
    EXPECT_EQ(get(id).sent_input, "");
}

TEST_F(Files, are_pinned_by_jobs_and_owned_by_who_sent_them) {
    const auto digest = digest_of('c');
    EXPECT_FALSE(run(store->lists_blob(digest)).value());
    EXPECT_FALSE(run(store->accept_file({digest, "ann"}, {})).value());
    EXPECT_TRUE(run(store->owns_blob("ann", digest)).value());
    EXPECT_FALSE(run(store->owns_blob("bob", digest)).value());
    EXPECT_FALSE(run(store->lists_blob(digest)).value()) << "an upload alone pins nothing";
    auto job = new_job();
    job.refers = true;
    job.files = {{digest, 10}};
    const auto id = add(job).id;
    EXPECT_TRUE(run(store->lists_blob(digest)).value());
    ASSERT_TRUE(run(store->cancel(id)));
    EXPECT_TRUE(run(store->lists_blob(digest)).value()) << "it may be retried";
    ASSERT_TRUE(run(store->erase(id)));
    EXPECT_FALSE(run(store->lists_blob(digest)).value());

    const auto made = succeeded('d');
    EXPECT_TRUE(run(store->owns_blob("ann", digest_of('d'))).value()) << "its job made it";
    EXPECT_FALSE(run(store->owns_blob("bob", digest_of('d'))).value());
}

TEST_F(Files, keep_a_key_for_their_bytes) {
    const IdempotencyKey key{"ann", "POST /v1/files", "k", digest_of('a').hex()};
    EXPECT_FALSE(run(store->accept_file({digest_of('a'), "ann"}, key)).value());
    EXPECT_TRUE(run(store->accept_file({digest_of('a'), "ann"}, key)).value());
    auto other = key;
    other.body_sha256 = digest_of('b').hex();
    EXPECT_EQ(run(store->accept_file({digest_of('b'), "ann"}, other)).error().code, errc::already_exists);
    EXPECT_FALSE(run(store->owns_blob("ann", digest_of('b'))).value());
}

TEST_F(Files, have_copies_until_they_expire) {
    ASSERT_TRUE(run(store->record_upload({digest_of('a'), "https://kie/1", in(100)})));
    ASSERT_TRUE(run(store->record_upload({digest_of('a'), "https://kie/2", in(200)})));
    EXPECT_EQ(run(store->find_upload(digest_of('a'), in(150))).value()->url, "https://kie/2");
    EXPECT_FALSE(run(store->find_upload(digest_of('a'), in(200))).value());
    EXPECT_FALSE(run(store->find_upload(digest_of('b'), in(0))).value());
}

}  // namespace
}  // namespace genq::store
