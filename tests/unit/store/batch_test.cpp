#include "server/store/sqlite/check.hpp"
#include "tests/unit/store/fixture.hpp"

namespace genq::store {
namespace {

using test::new_job;

struct Batches : test::StoreTest {
    static NewBatch batch_of(std::size_t jobs) {
        NewBatch batch{.caller = "ann", .labels = {{"project", "spring"}}, .jobs = {}};
        for (std::size_t i = 0; i < jobs; ++i) batch.jobs.push_back({new_job(), {}});
        return batch;
    }
    /// Its input names job `other` of the batch.
    static BatchJob referring(std::size_t other) {
        BatchJob item{.job = new_job(), .references = {{.at = 16, .job = other}}};
        item.job.input = R"({"u":"genqd:job/00000000000000000000000000/task"})";
        item.job.refers = true;
        return item;
    }
    AcceptedBatch make(NewBatch batch, std::optional<IdempotencyKey> key = {}) {
        return run(store->accept_batch(std::move(batch), std::move(key))).value();
    }
    std::size_t jobs() { return run(store->list({}, {}, 200)).value().jobs.size(); }
    void expect_sound() {
        const auto check = check_database(folder / "genqd.db");
        ASSERT_TRUE(check);
        EXPECT_TRUE(check->faults.empty()) << check->faults.front();
    }
};

TEST_F(Batches, count_their_jobs_and_have_ended_with_the_last) {
    const auto made = make(batch_of(3));
    ASSERT_EQ(made.jobs.size(), 3U);
    EXPECT_LT(made.id.row(), made.jobs[0].row());
    EXPECT_EQ(get(made.jobs[1]).batch, made.id);
    ASSERT_TRUE(run(store->cancel(made.jobs[0])));
    pass(5);
    failed(get(made.jobs[1]), JobErrorCode::rejected);
    auto status = run(store->batch(made.id)).value();
    EXPECT_EQ(status.caller, "ann");
    EXPECT_EQ(status.labels, (Labels{{"project", "spring"}}));
    EXPECT_EQ(status.counts, (std::map<JobStatus, std::int64_t>{
                                 {JobStatus::queued, 1}, {JobStatus::failed, 1}, {JobStatus::canceled, 1}}));
    EXPECT_FALSE(status.finished_at);
    pass(5);
    ASSERT_TRUE(run(store->cancel(made.jobs[2])));
    EXPECT_EQ(run(store->batch(made.id)).value().finished_at, clock.wall_now());
    JobFilter filter;
    filter.batch = made.id;
    filter.statuses = {JobStatus::canceled};
    add();
    EXPECT_EQ(run(store->list(filter, {}, 200)).value().jobs.size(), 2U);
    expect_sound();
    for (const auto& id : made.jobs) ASSERT_TRUE(run(store->erase(id)));
    EXPECT_EQ(run(store->batch(made.id)).error().code, errc::not_found) << "forgotten with its last job";
    expect_sound();
}

TEST_F(Batches, that_do_not_fit_change_nothing_and_say_what_all_of_them_asked_for) {
    auto batch = batch_of(3);
    for (auto& item : batch.jobs) item.job.admission.caller.max_queued = 3;
    add();
    changed.clear();
    const IdempotencyKey key{"ann", "POST /v1/batches", "k", "body"};
    const auto refused = make(batch, key);
    ASSERT_TRUE(refused.refused);
    EXPECT_EQ(refused.refused->used, 1);
    EXPECT_EQ(refused.refused->requested, 3);
    EXPECT_EQ(jobs(), 1U);
    EXPECT_TRUE(changed.empty());
    expect_sound();
    batch.jobs.pop_back();
    EXPECT_FALSE(make(batch, key).refused) << "the key is unused";
    EXPECT_EQ(jobs(), 3U);
    expect_sound();
}

TEST_F(Batches, that_do_not_fit_reserve_nothing) {
    auto batch = batch_of(3);
    for (auto& item : batch.jobs) {
        item.job.admission.price = 4'000;
        item.job.admission.caller.credits_per_day = 10'000;
    }
    const auto refused = make(batch);
    ASSERT_TRUE(refused.refused);
    EXPECT_EQ(refused.refused->reserved, 0);
    EXPECT_EQ(refused.refused->requested, 12'000);
    batch.jobs.pop_back();
    EXPECT_FALSE(make(batch).refused);
    expect_sound();
}

TEST_F(Batches, are_answered_once_for_a_key_until_one_of_their_jobs_is_deleted) {
    const IdempotencyKey key{"ann", "POST /v1/batches", "k", "body"};
    const auto first = make(batch_of(2), key);
    const auto again = make(batch_of(2), key);
    EXPECT_TRUE(again.replayed);
    EXPECT_EQ(again.id, first.id);
    EXPECT_EQ(again.jobs, first.jobs);
    EXPECT_EQ(jobs(), 2U);
    const IdempotencyKey other{"ann", "POST /v1/batches", "k", "other"};
    EXPECT_EQ(run(store->accept_batch(batch_of(1), other)).error().code, errc::already_exists);
    ASSERT_TRUE(run(store->cancel(first.jobs[0])));
    ASSERT_TRUE(run(store->erase(first.jobs[0])));
    EXPECT_EQ(run(store->accept_batch(batch_of(2), key)).error().code, errc::conflict);
}

TEST_F(Batches, have_jobs_that_wait_for_those_before_them) {
    NewBatch batch = batch_of(1);
    batch.jobs.push_back(referring(0));
    batch.jobs.push_back(referring(1));
    const auto made = make(std::move(batch));
    const auto second = get(made.jobs[1]);
    EXPECT_EQ(second.input, R"({"u":"genqd:job/)" + made.jobs[0].text() + R"(/task"})");
    EXPECT_EQ(second.depends_on, std::vector{made.jobs[0]});
    EXPECT_EQ(second.wait_reason, QueueReason::dependency);
    EXPECT_EQ(get(made.jobs[0]).dependants, std::vector{second.id});
    expect_sound();
    ASSERT_TRUE(run(store->cancel(made.jobs[0])));
    EXPECT_EQ(get(made.jobs[2]).error->code, JobErrorCode::dependency_failed);
    EXPECT_TRUE(run(store->batch(made.id)).value().finished_at);
    expect_sound();
}

TEST_F(Batches, with_a_job_that_can_not_succeed_have_those_that_need_it_failed_at_once) {
    const auto broken = failed(add(), JobErrorCode::rejected);
    NewBatch batch = batch_of(1);
    batch.jobs[0].job.refers = true;
    batch.jobs[0].job.depends_on = {broken.id};
    batch.jobs.push_back(referring(0));
    const auto made = make(std::move(batch));
    EXPECT_EQ(made.ended, 2U);
    EXPECT_EQ(get(made.jobs[1]).error->code, JobErrorCode::dependency_failed);
    expect_sound();
}

TEST_F(Batches, with_a_reference_to_a_deleted_job_change_nothing) {
    const auto gone = failed(add(), JobErrorCode::rejected);
    ASSERT_TRUE(run(store->erase(gone.id)));
    NewBatch batch = batch_of(2);
    batch.jobs[1].job.refers = true;
    batch.jobs[1].job.depends_on = {gone.id};
    EXPECT_EQ(run(store->accept_batch(std::move(batch), {})).error().code, errc::conflict);
    EXPECT_EQ(jobs(), 0U);
    expect_sound();
}

}  // namespace
}  // namespace genq::store
