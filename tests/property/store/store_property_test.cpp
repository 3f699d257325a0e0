#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>

#include "common/core/random.hpp"
#include "common/core/rfc3339.hpp"
#include "common/sql/connection.hpp"
#include "server/store/sqlite/sqlite_job_store.hpp"
#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/temp_folder.hpp"

namespace genq::store {
namespace {

constexpr char count_wrong_counts[] = R"(
    SELECT count(*) FROM (
        SELECT model, status, count(*) AS jobs FROM jobs GROUP BY model, status) AS real
    FULL OUTER JOIN (SELECT model, status, jobs FROM job_counts WHERE jobs > 0) AS kept
        ON real.model = kept.model AND real.status = kept.status
    WHERE real.jobs IS NOT kept.jobs)";
constexpr char count_wrong_queues[] = R"(
    SELECT count(*) FROM queued_counts AS q
    WHERE jobs <> (SELECT count(*) FROM jobs WHERE caller = q.caller AND status = 'queued'))";
constexpr char select_sums[] = R"(
    SELECT coalesce(sum(used), 0), coalesce(sum(reserved), 0), (SELECT value FROM totals WHERE name = 'credits_used')
    FROM budget_days)";
constexpr char blob_bytes_differ[] = R"(
    SELECT (SELECT coalesce(sum(bytes), 0) FROM outputs WHERE digest IS NOT NULL)
        <> (SELECT value FROM totals WHERE name = 'blob_bytes'))";
constexpr char count_strays[] = R"(
    SELECT (SELECT count(*) FROM outputs WHERE row NOT IN (SELECT row FROM jobs))
         + (SELECT count(*) FROM events WHERE row NOT IN (SELECT row FROM jobs))
         + (SELECT count(*) FROM job_labels WHERE row NOT IN (SELECT row FROM jobs)))";

Digest digest_of(int n) {
    return *Digest::parse(std::string(64, static_cast<char>('a' + n % 6)));
}

Output output_of(int index, int n, bool with_bytes) {
    Output output;
    output.index = index;
    output.source_url = "https://media.example/" + std::to_string(n);
    if (with_bytes) {
        output.digest = digest_of(n);
        output.bytes = static_cast<std::uint64_t>(n);
        output.media_type = "image/png";
    }
    return output;
}

/// A store under random operations, and what it must keep up whatever they are.
struct World {
    test::TempFolder folder;
    boost::asio::io_context io;
    test::FakeClock clock;
    SeededRandom random{1};
    std::unique_ptr<SqliteJobStore> store;
    std::map<std::int64_t, Job> known;  // as last seen
    bool retried = false;               // the operation in hand was a retry
    Charge erased;                      // what deleted jobs leave in the sums

    World() { reopen(); }
    void reopen() {
        store.reset();
        SqliteOptions options;
        options.path = folder / "genqd.db";
        options.synchronous = Synchronous::normal;
        options.threaded = false;
        store = std::move(*SqliteJobStore::open(std::move(options), clock, random));
    }
    template <class T>
    T run(boost::asio::awaitable<T> task) {
        return test::await(io, std::move(task));
    }
    // For a random step: the store may do it or refuse it, and the invariants are looked at either way.
    template <class T>
    void ask(boost::asio::awaitable<T> task) {
        [[maybe_unused]] const T either = run(std::move(task));
    }

    static Admission admission(int n) {
        Admission admission{.caller = {.credits_per_day = 20'000, .max_queued = 8}, .unknown_credits = 500 + n};
        if (n % 3 == 0) admission.price = 100 * n;
        return admission;
    }

    void accept(int n) {
        NewJob job;
        job.model = job.wire_model = n % 3 == 0 ? "a" : "b";
        job.kind = "image";
        job.input = "{}";
        job.caller = n % 2 == 0 ? "ann" : "bob";
        job.priority = n % 3 - 1;
        if (n % 5 == 0) job.scheduled_at = clock.wall_now() + std::chrono::seconds(n);
        if (n % 7 == 0) job.deadline_at = clock.wall_now() + std::chrono::seconds(3 * n);
        if (n % 4 == 0) job.labels = {{"k", std::to_string(n)}};
        job.admission = admission(n);
        std::optional<IdempotencyKey> key;
        if (n % 6 == 0) key = IdempotencyKey{job.caller, "POST /v1/jobs", std::to_string(n % 4), "body"};
        ask(store->accept(job, key));
    }

    static std::optional<double> credits_for(int n) { return n % 4 == 1 ? std::optional(n / 10.0) : std::nullopt; }
    static std::optional<Billed> billed_for(int n) {
        return n % 3 == 0 ? std::nullopt : std::optional(n % 3 == 1 ? Billed::no : Billed::yes);
    }

    void work_on(const Job& job, int action, int n) {
        const auto soon = clock.wall_now() + std::chrono::seconds(n);
        std::optional<WallTime> later;
        if (n % 2 == 0) later = soon;
        JobError error;
        error.code = static_cast<JobErrorCode>(n % 9);
        const int attempt = job.attempts + (n % 8 == 0 ? 1 : 0);
        switch (action) {
            case 0:
                ask(store->record_intent({job.id, job.attempts + 1, n % 2 == 0 ? "" : std::string(64, 'a')}));
                break;
            case 1:
                ask(store->record_not_created({job.id, attempt, n % 3 == 0, later, ""}));
                break;
            case 2:
                ask(store->record_submitted({job.id, attempt, "t" + std::to_string(n), "", soon}));
                break;
            case 3:
                ask(store->record_unknown(job.id, attempt, soon));
                break;
            case 4:
                ask(store->record_poll({job.id, "s" + std::to_string(n % 3), soon}));
                break;
            case 5: {
                Generated generated{job.id, "success", {}, {}, {}};
                if (n % 4 == 0) generated.credits = n / 8.0;
                for (int i = 0; i < n % 3; ++i) generated.outputs.push_back(output_of(i, n, false));
                ask(store->record_generated(generated));
                break;
            }
            case 6:
                ask(store->record_output(job.id, output_of(n % 3, n, true)));
                break;
            case 7:
                ask(store->record_download_retry(job.id, soon, "again"));
                break;
            case 8:
                ask(store->record_failure({job.id, error, "", billed_for(n), credits_for(n)}));
                break;
            case 9:
                ask(store->record_new_generation(job.id, later, credits_for(n), ""));
                break;
            case 10:
                ask(store->cancel(job.id));
                break;
            case 11:
            case 12:
                retried = run(store->retry(job.id, {n % 2 == 0, {}, soon, admission(n)}, {})).has_value();
                break;
            case 13:
                ask(store->erase(job.id));
                break;
            case 15: {
                Generated generated{job.id, "success", {}, {}, {}, false};
                for (int i = 0; i < n % 3; ++i) generated.outputs.push_back(output_of(i, n, false));
                retried = run(store->record_revived(generated)).has_value();
                break;
            }
            case 16:
                ask(store->record_stray_task(job.id, attempt, "stray"));
                ask(store->record_late_look(job.id, later));
                break;
            default:
                ask(store->record_fresh_urls(job.id, {output_of(0, n, false)}));
                break;
        }
    }

    void housekeeping(int n) {
        clock.advance(io, std::chrono::seconds(n));
        ask(store->promote_waiting(3));
        ask(store->expire_deadlines(3));
        if (n % 4 == 0) {
            for (const Job& job : run(store->interrupted()).value()) {
                ask(store->record_unknown(job.id, job.attempts, clock.wall_now()));
            }
            reopen();
        }
    }

    /// Budgets' sums are those of the jobs, present and deleted; nothing is charged twice and nothing lost.
    void check_sums(const std::map<std::int64_t, Job>& jobs) {
        Charge sum = erased;
        for (const auto& [row, job] : jobs) {
            const Charge charge = charge_of(job);
            RC_ASSERT(charge.used() == job.charge.used());
            RC_ASSERT(charge.reserved == job.charge.reserved);
            RC_ASSERT(job.billed != Billed::unknown || charge.reserved == charge.estimate);
            sum.told += charge.told;
            sum.assumed += charge.assumed;
            sum.reserved += charge.reserved;
        }
        const auto db = sql::Connection::open({.path = folder / "genqd.db", .access = sql::Access::read_only});
        auto query = (*db)->query(select_sums);
        RC_ASSERT(query.step());
        RC_ASSERT(query.integer(0) == sum.used());
        RC_ASSERT(query.integer(1) == sum.reserved);
        RC_ASSERT(query.integer(2) == sum.used());
    }

    void check() {
        std::map<std::int64_t, Job> now;
        for (auto& job : run(store->list({}, {}, 1'000)).value().jobs) now.emplace(job.id.row(), job);
        for (const auto& [row, job] : now) {
            RC_ASSERT(is_terminal(job.status) == (job.step == Step::none));
            RC_ASSERT(is_terminal(job.status) == job.finished_at.has_value());
            RC_ASSERT((job.status == JobStatus::failed) == job.error.has_value());
            const auto before = known.find(row);
            if (before == known.end()) continue;
            const auto& was = before->second;
            RC_ASSERT(was.status == job.status || may_become(was.status, job.status, retried));
            RC_ASSERT(was.version <= job.version);
            if (was.status != job.status || was.billed != job.billed || was.task_id != job.task_id) {
                RC_ASSERT(was.version < job.version);
            }
            if (job.status == JobStatus::succeeded) {
                for (const auto& output : job.outputs) RC_ASSERT(output.digest.has_value());
            }
        }
        for (const auto& [row, was] : known) {
            if (now.contains(row)) continue;
            RC_ASSERT(is_terminal(was.status));
            erased.told += was.charge.told;
            erased.assumed += was.charge.assumed;
            erased.reserved += was.charge.reserved;
        }
        check_sums(now);
        const auto db = sql::Connection::open({.path = folder / "genqd.db", .access = sql::Access::read_only});
        for (const char* sql : {count_wrong_counts, count_wrong_queues, blob_bytes_differ, count_strays}) {
            auto query = (*db)->query(sql);
            RC_ASSERT(query.step());
            RC_ASSERT(query.integer(0) == 0);
        }
        known = std::move(now);
        retried = false;
    }
};

TEST(StoreProperty, no_sequence_of_operations_breaks_what_must_hold) {
    const bool held = rc::check("random operations", [] {
        World world;
        const auto steps = *rc::gen::container<std::vector<std::tuple<int, int, int>>>(
            rc::gen::tuple(rc::gen::inRange(0, 22), rc::gen::inRange(0, 1'000), rc::gen::inRange(1, 60)));
        for (const auto& [action, which, n] : steps) {
            if (action >= 20 || world.known.empty()) {
                world.accept(n);
            } else if (action == 19) {
                world.housekeeping(n);
            } else {
                const auto place = std::next(world.known.begin(), which % static_cast<int>(world.known.size()));
                world.work_on(place->second, action, n);
            }
            world.check();
        }
    });
    EXPECT_TRUE(held);
}

/// The likely next operations, so that jobs get far: plain random ones seldom leave the queue.
TEST(StoreProperty, jobs_that_get_far_break_nothing_either) {
    const bool held = rc::check("likely operations", [] {
        World world;
        const auto steps = *rc::gen::container<std::vector<std::tuple<int, int, int>>>(
            rc::gen::tuple(rc::gen::inRange(0, 10), rc::gen::inRange(0, 1'000), rc::gen::inRange(1, 60)));
        world.accept(1);
        world.accept(2);
        world.check();
        for (const auto& [choice, which, n] : steps) {
            if (choice == 0 || world.known.empty()) {
                world.accept(n);
            } else if (choice == 1) {
                world.housekeeping(n);
            } else {
                const auto job = std::next(world.known.begin(), which % static_cast<int>(world.known.size()))->second;
                static const std::map<JobStatus, std::vector<int>> likely{
                    {JobStatus::queued, {0, 0, 0, 0, 10, 8}},
                    {JobStatus::submitting, {1, 2, 2, 2, 3, 8, 10}},
                    {JobStatus::generating, {4, 5, 5, 5, 8, 9, 10}},
                    {JobStatus::downloading, {6, 6, 6, 7, 14, 8, 10}},
                    {JobStatus::succeeded, {13, 11}},
                    {JobStatus::failed, {2, 1, 11, 12, 13, 15, 16}},
                    {JobStatus::canceled, {2, 1, 11, 12, 13}}};
                const auto& actions = likely.at(job.status);
                world.work_on(job, actions[static_cast<std::size_t>(which / 7) % actions.size()], n);
            }
            world.check();
        }
    });
    EXPECT_TRUE(held);
}

}  // namespace
}  // namespace genq::store
