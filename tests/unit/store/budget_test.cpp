#include <span>

#include "common/core/ulid.hpp"
#include "common/sql/connection.hpp"
#include "common/sql/migrator.hpp"
#include "tests/unit/store/fixture.hpp"

namespace genq::store {

namespace sqlite {
std::span<const sql::Migration> migrations();
}

namespace {

using test::error_of;

constexpr Millicredits price = 8'000;

struct StoreBudget : test::StoreTest {
    Admission admission{.caller = {.credits_per_day = 20'000}, .unknown_credits = price};

    NewJob wanted(std::string caller = "ann", std::string model = "google/imagen4") {
        NewJob job = test::new_job(std::move(caller), 0, std::move(model));
        job.admission = admission;
        return job;
    }
    Accepted accept(NewJob job) { return run(store->accept(std::move(job), std::nullopt)).value(); }
    struct Sums {
        Millicredits used = 0;
        Millicredits reserved = 0;
        bool operator==(const Sums&) const = default;
    };
    /// Of one day's sums, as they stand in the database.
    Sums sums(std::string_view caller, int days_ago = 0) {
        const auto db = sql::Connection::open({.path = folder / "genqd.db", .access = sql::Access::read_only});
        auto query = (*db)->query("SELECT used, reserved FROM budget_days WHERE day = :day AND caller = :caller");
        query.bind(":day", budget_day(clock.wall_now()) - days_ago).bind(":caller", caller);
        return query.step() ? Sums{query.integer(0), query.integer(1)} : Sums{};
    }
    RetryOptions resubmit() const { return {true, {}, {}, admission}; }
    /// A job that is generating, within the budget.
    Job paid_for() { return generating(wanted()); }
};

TEST_F(StoreBudget, admits_what_fits_and_refuses_the_rest_without_a_trace) {
    for (int i = 0; i < 2; ++i) EXPECT_FALSE(accept(wanted()).refused);
    const IdempotencyKey key{"ann", "POST /v1/jobs", "k", "body"};
    const auto third = run(store->accept(wanted(), key)).value();
    ASSERT_TRUE(third.refused);
    EXPECT_TRUE(third.refused->own);
    EXPECT_EQ(third.refused->allowed, 20'000);
    EXPECT_EQ(third.refused->reserved, 2 * price);
    EXPECT_EQ(third.refused->requested, price);
    EXPECT_EQ(run(store->list({}, {}, 10)).value().jobs.size(), 2U);
    EXPECT_EQ(sums("ann"), (Sums{0, 2 * price}));
    EXPECT_FALSE(accept(wanted("bob")).refused) << "another caller's budget is another";

    clock.advance(io, std::chrono::hours(24));
    const auto next_day = run(store->accept(wanted(), key)).value();
    EXPECT_FALSE(next_day.refused) << "the key was not used up";
    EXPECT_FALSE(next_day.replayed);
}

TEST_F(StoreBudget, of_the_daemon_is_shared_by_all_callers) {
    admission = {.daemon = {.credits_per_day = 20'000}, .unknown_credits = price};
    EXPECT_FALSE(accept(wanted("ann")).refused);
    EXPECT_FALSE(accept(wanted("bob")).refused);
    const auto third = accept(wanted("cid"));
    ASSERT_TRUE(third.refused);
    EXPECT_FALSE(third.refused->own);
    EXPECT_EQ(third.refused->reserved, 2 * price);
}

TEST_F(StoreBudget, settles_on_what_kie_ai_says) {
    const auto job = paid_for();
    EXPECT_EQ(sums("ann"), (Sums{price, 0})) << "billed: at the estimate until the number is known";
    Generated generated{job.id, "success", {}, {}, 4.5};
    ASSERT_TRUE(run(store->record_generated(generated)));
    EXPECT_EQ(sums("ann"), (Sums{4'500, 0}));
    EXPECT_EQ(get(job.id).charge.told, 4'500);
}

TEST_F(StoreBudget, settles_at_the_estimate_where_kie_ai_says_nothing) {
    const auto job = paid_for();
    ASSERT_TRUE(run(store->record_generated({job.id, "success", {}, {}, {}})));
    EXPECT_EQ(sums("ann"), (Sums{price, 0}));
    EXPECT_EQ(get(job.id).charge.assumed, price);
}

TEST_F(StoreBudget, gives_back_what_was_never_spent) {
    const auto canceled = accept(wanted()).job;
    ASSERT_TRUE(run(store->cancel(canceled.id)));
    EXPECT_EQ(sums("ann"), Sums{}) << "canceled before submission";
    const auto refused = submitting(wanted());
    EXPECT_EQ(sums("ann"), (Sums{0, price}));
    ASSERT_TRUE(
        run(store->record_failure({refused.id, error_of(JobErrorCode::rejected), "", Billed::no, {}, false, 1})));
    EXPECT_EQ(sums("ann"), Sums{}) << "rejected";
    const auto failed = paid_for();
    ASSERT_TRUE(run(store->record_failure({failed.id, error_of(JobErrorCode::generation_failed), "", Billed::no, {}})));
    EXPECT_EQ(sums("ann"), Sums{}) << "a failed generation";
}

TEST_F(StoreBudget, keeps_the_reservation_while_the_bill_is_unknown) {
    const auto job = submitting(wanted());
    ASSERT_TRUE(run(store->record_not_created({job.id, 1, true, {}, ""})));
    EXPECT_EQ(sums("ann"), (Sums{0, price})) << "back in the queue";
    ASSERT_TRUE(run(store->record_intent({job.id, 2})));
    failed(job, JobErrorCode::submit_unknown);
    EXPECT_EQ(get(job.id).billed, Billed::unknown);
    EXPECT_EQ(sums("ann"), (Sums{0, price}));
    ASSERT_TRUE(run(store->erase(job.id)));
    EXPECT_EQ(sums("ann"), (Sums{0, price})) << "deleting the job brings nothing back";
}

TEST_F(StoreBudget, settles_a_job_that_is_revived_from_an_unknown_bill) {
    const auto job = failed(submitting(wanted()), JobErrorCode::submit_unknown);
    ASSERT_TRUE(run(store->record_revived({job.id, "success", {test::source(0)}, {}, 6.0, false})));
    EXPECT_EQ(get(job.id).billed, Billed::yes);
    EXPECT_EQ(sums("ann"), (Sums{6'000, 0}));
}

TEST_F(StoreBudget, reserves_again_for_a_retry_that_pays_anew) {
    const auto job = failed(submitting(wanted()), JobErrorCode::submit_unknown);
    const auto again = run(store->retry(job.id, resubmit(), {})).value();
    ASSERT_FALSE(again.refused);
    EXPECT_EQ(sums("ann"), (Sums{price, price})) << "the lost create counts as spent";
    failed(submitting(wanted("bob")), JobErrorCode::submit_unknown);
    ASSERT_TRUE(run(store->cancel(job.id)));
    EXPECT_EQ(sums("ann"), (Sums{price, 0})) << "what was paid before stays";

    const auto second = failed(submitting(wanted()), JobErrorCode::submit_unknown);
    const auto refused = run(store->retry(second.id, resubmit(), {})).value();
    ASSERT_TRUE(refused.refused);
    EXPECT_EQ(get(second.id).status, JobStatus::failed) << "a refused retry changes nothing";
    EXPECT_EQ(sums("ann"), (Sums{price, price}));
}

TEST_F(StoreBudget, charges_a_retry_to_the_day_of_the_retry_and_settles_on_the_day_of_the_reservation) {
    const auto late = paid_for();
    const auto lost = failed(submitting(wanted()), JobErrorCode::submit_unknown);
    clock.advance(io, std::chrono::hours(24));
    ASSERT_TRUE(run(store->record_generated({late.id, "success", {}, {}, 5.0})));
    EXPECT_EQ(sums("ann", 1), (Sums{5'000, price}));
    EXPECT_EQ(sums("ann"), Sums{});
    ASSERT_FALSE(run(store->retry(lost.id, resubmit(), {})).value().refused);
    EXPECT_EQ(sums("ann", 1), (Sums{5'000 + price, 0}));
    EXPECT_EQ(sums("ann"), (Sums{0, 5'000})) << "at the price seen meanwhile";
    ASSERT_TRUE(run(store->cancel(lost.id)));
    EXPECT_EQ(sums("ann"), Sums{});
    EXPECT_EQ(sums("ann", 1), (Sums{5'000 + price, 0}));
}

TEST_F(StoreBudget, pays_for_each_generation_of_a_job) {
    const auto job = paid_for();
    ASSERT_TRUE(run(store->record_new_generation(job.id, {}, 2.0, "531")));
    EXPECT_EQ(sums("ann"), (Sums{2'000, price}));
    ASSERT_TRUE(run(store->record_intent({job.id, 2})));
    ASSERT_TRUE(run(store->record_submitted({job.id, 2, "task-2", "", in(3)})));
    ASSERT_TRUE(run(store->record_generated({job.id, "success", {}, {}, 3.0})));
    EXPECT_EQ(sums("ann"), (Sums{5'000, 0}));
    EXPECT_EQ(get(job.id).credits, 3.0);
    EXPECT_EQ(get(job.id).charge.told, 5'000);
}

TEST_F(StoreBudget, takes_the_price_from_the_catalogue_then_from_what_the_model_cost_last) {
    admission.caller = {};
    const auto job = paid_for();
    EXPECT_EQ(job.charge.estimate, price) << "nobody knows";
    ASSERT_TRUE(run(store->record_generated({job.id, "success", {}, {}, 4.5})));
    EXPECT_EQ(accept(wanted()).job.charge.estimate, 4'500);
    EXPECT_EQ(accept(wanted("ann", "other/model")).job.charge.estimate, price);
    const auto free = generating(wanted());
    ASSERT_TRUE(run(store->record_generated({free.id, "success", {}, {}, 0.0})));
    EXPECT_EQ(accept(wanted()).job.charge.estimate, 4'500) << "a gift tells no price";
    admission.price = 3'000;
    EXPECT_EQ(accept(wanted()).job.charge.estimate, 3'000);
}

TEST_F(StoreBudget, counts_the_queued_jobs_of_a_caller_and_of_all) {
    admission = {.daemon = {.max_queued = 3}, .caller = {.max_queued = 2}};
    const auto first = accept(wanted("ann")).job;
    EXPECT_FALSE(accept(wanted("ann")).refused);
    const auto third = accept(wanted("ann"));
    ASSERT_TRUE(third.refused);
    EXPECT_TRUE(third.refused->own);
    EXPECT_EQ(third.refused->limit, OverBudget::Limit::max_queued);
    EXPECT_FALSE(accept(wanted("bob")).refused);
    const auto fourth = accept(wanted("bob"));
    ASSERT_TRUE(fourth.refused);
    EXPECT_FALSE(fourth.refused->own);
    ASSERT_TRUE(run(store->record_intent({first.id, 1})));
    EXPECT_FALSE(accept(wanted("ann")).refused) << "one is not queued any more";
    ASSERT_TRUE(run(store->record_not_created({first.id, 1, false, {}, ""})));
    EXPECT_EQ(accept(wanted("ann")).refused->used, 3) << "it came back";
}

TEST_F(StoreBudget, takes_over_what_an_older_database_knows) {
    // Three jobs in the schema before budgets: one paid for, one in the queue, one whose bill is open.
    constexpr char insert[] = R"(
        INSERT INTO jobs(row, id, status, step, step_at, version, priority, caller, model, wire_model, family, kind,
            profile, max_attempts, generation_retries, longest_wait_s, created_at, updated_at, finished_at, attempts,
            counted_attempts, generation_tries, task_id, endpoint, upstream_state, polls, download_attempts, billed,
            credits, input)
        VALUES(:row, :id, :status, :step, :step_at, 1, 0, 'ann', 'm', 'm', 'market', 'image', 'image', 5, 0, 0,
            1792700000000, 1792700000000, :finished_at, 0, 0, 0, '', '', '', 0, 0, :billed, :credits, '{}'))";
    const std::string path = folder / "old.db";
    UlidSource ulids(clock, random);
    std::vector<JobId> ids;
    {
        const auto db = sql::Connection::open({.path = path});
        ASSERT_TRUE(sql::migrate(**db, sqlite::migrations().first(3), clock.wall_now()));
        struct Old {
            const char* status;
            const char* step;
            const char* billed;
            std::optional<double> credits;
        };
        for (const Old& old : {Old{"succeeded", "none", "yes", 4.5}, Old{"queued", "submit", "no", {}},
                               Old{"submitting", "settle", "unknown", {}}}) {
            const JobId id(ulids.next());
            ids.push_back(id);
            auto query = (*db)->query(insert);
            query.bind(":row", id.row()).bind(":id", id.text()).bind(":status", old.status).bind(":step", old.step);
            query.bind(":billed", old.billed).bind(":credits", old.credits);
            if (std::string_view(old.step) == "settle") query.bind(":step_at", 1'792'700'000'000);
            if (std::string_view(old.step) == "none") query.bind(":finished_at", 1'792'700'000'000);
            query.run();
            ASSERT_FALSE((*db)->take_error());
        }
    }
    store = SqliteJobStore::open({.path = path}, clock, random).value();
    EXPECT_EQ(get(ids[0]).charge.told, 4'500);
    EXPECT_EQ(get(ids[0]).charge.day, 1'792'700'000'000 / 86'400'000);
    EXPECT_EQ(get(ids[2]).charge.reserved, 0) << "it reserved nothing";
    admission = {.daemon = {.max_queued = 2}};
    EXPECT_FALSE(accept(wanted()).refused);
    EXPECT_TRUE(accept(wanted()).refused) << "the one that was queued before counts";
    ASSERT_TRUE(run(store->cancel(ids[1])));
    Millicredits told = 0;
    for (const auto& row : run(store->usage({.by = UsageBy::caller})).value()) told += row.told;
    EXPECT_EQ(told, 4'500);
}

TEST_F(StoreBudget, tells_how_much_of_the_balance_no_job_explains) {
    paid_for();
    EXPECT_EQ(run(store->record_balance(1'000)).value(), 0) << "the first look is where counting begins";
    const auto job = paid_for();
    EXPECT_EQ(run(store->record_balance(992)).value(), 0);
    ASSERT_TRUE(run(store->record_generated({job.id, "success", {}, {}, 6.0})));
    EXPECT_EQ(run(store->record_balance(992)).value(), 2);
    reopen();
    EXPECT_EQ(run(store->record_balance(900.5)).value(), 93.5);
    EXPECT_EQ(run(store->record_balance(1'900.5)).value(), -906.5) << "a top-up";
}

}  // namespace
}  // namespace genq::store
