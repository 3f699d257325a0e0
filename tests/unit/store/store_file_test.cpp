#include <signal.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>

#include "common/sql/connection.hpp"
#include "tests/unit/store/fixture.hpp"

namespace genq::store {
namespace {

using StoreFile = test::StoreTest;
using test::new_job;

boost::asio::awaitable<void> accept_into(SqliteJobStore& store, NewJob job, std::vector<Result<Accepted>>& results) {
    results.push_back(co_await store.accept(std::move(job), std::nullopt));
}

TEST_F(StoreFile, reads_everything_back_after_a_restart) {
    const auto queued = add();
    const auto done = succeeded();
    const auto gone = failed(generating(), JobErrorCode::generation_timeout);
    reopen();
    EXPECT_EQ(get(queued.id).status, JobStatus::queued);
    EXPECT_EQ(get(done.id).outputs.at(0).digest, test::digest_of('a'));
    EXPECT_EQ(get(gone.id).error->code, JobErrorCode::generation_timeout);
    EXPECT_EQ(history(done.id).size(), 5U);
    clock.step_wall(std::chrono::hours(-1));
    EXPECT_GT(add().id.row(), gone.id.row()) << "ids rise although the wall clock went back";
}

TEST_F(StoreFile, says_from_then_on_that_it_is_damaged_once_an_operation_found_it_so) {
    const auto job = add();
    store.reset();
    {
        const auto db = std::move(*sql::Connection::open({.path = folder / "genqd.db"}));
        auto query = db->query("SELECT rootpage FROM sqlite_schema WHERE name = 'events'");
        ASSERT_TRUE(query.step());
        std::fstream file(folder / "genqd.db", std::ios::in | std::ios::out | std::ios::binary);
        file.seekp((query.integer(0) - 1) * 4096);
        file << std::string(100, '\xff');
    }
    store = open();
    EXPECT_EQ(get(job.id).status, JobStatus::queued);
    EXPECT_FALSE(store->damaged());
    const auto events = run(store->events(job.id));
    ASSERT_FALSE(events);
    EXPECT_EQ(events.error().code, errc::corrupt) << events.error().detail;
    EXPECT_TRUE(store->damaged());
}

TEST_F(StoreFile, leaves_no_log_behind_when_it_is_closed) {
    for (int i = 0; i < 50; ++i) add();
    store.reset();
    EXPECT_FALSE(std::filesystem::exists(folder / "genqd.db-wal"));
    store = open();
}

TEST_F(StoreFile, begins_its_log_anew_although_readers_stay_in_their_transactions) {
    auto large = new_job();
    large.input = R"({"prompt":")" + std::string(1 << 20, 'x') + "\"}";
    for (int i = 0; i < 200; ++i) {
        const auto accepted = run(store->accept(large, std::nullopt));
        ASSERT_TRUE(accepted) << accepted.error().detail;
        ASSERT_TRUE(run(store->stats()));
        ASSERT_TRUE(run(store->list({}, {}, 1)));
    }
    EXPECT_LT(std::filesystem::file_size(folder / "genqd.db-wal"), 144U << 20) << "of 200 MiB that were written";
}

TEST_F(StoreFile, lets_many_callers_share_a_commit) {
    const auto before = store->commits();
    std::vector<Result<Accepted>> results;
    for (int i = 0; i < 64; ++i) {
        boost::asio::co_spawn(io, accept_into(*store, new_job(), results), [](std::exception_ptr) {});
    }
    io.restart();
    io.run();
    ASSERT_EQ(results.size(), 64U);
    for (const auto& result : results) EXPECT_TRUE(result);
    EXPECT_LT(store->commits() - before, 64U);
    EXPECT_EQ(run(store->list({}, {}, 100)).value().jobs.size(), 64U);
}

TEST_F(StoreFile, answers_busy_when_its_queue_is_full) {
    SqliteOptions options;
    options.path = folder / "other.db";
    options.queue_limit = 0;
    const auto other = SqliteJobStore::open(options, clock, random);
    ASSERT_TRUE(other);
    EXPECT_EQ(run((*other)->accept(new_job(), {})).error().code, errc::busy);
    EXPECT_EQ(run((*other)->stats()).error().code, errc::busy);
}

TEST_F(StoreFile, works_on_the_callers_thread_when_told_to) {
    SqliteOptions options;
    options.path = folder / "other.db";
    options.threaded = false;
    std::size_t writes = 0;
    options.on_commit = [&](std::size_t n) { writes += n; };
    const auto other = SqliteJobStore::open(options, clock, random);
    ASSERT_TRUE(other);
    std::vector<Result<Accepted>> results;
    boost::asio::co_spawn(io, accept_into(**other, new_job(), results), [](std::exception_ptr) {});
    genq::test::run_ready(io);
    ASSERT_EQ(results.size(), 1U);
    EXPECT_EQ(writes, 1U);
    EXPECT_TRUE(run((*other)->get(results[0]->job.id)));
}

TEST_F(StoreFile, refuses_a_database_of_a_newer_program) {
    store.reset();
    {
        const auto db = sql::Connection::open({.path = folder / "genqd.db"});
        ASSERT_TRUE((*db)->script("INSERT INTO schema_migrations VALUES(999, 'later', 'x', 0)"));
    }
    const auto opened = SqliteJobStore::open({.path = folder / "genqd.db"}, clock, random);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, errc::unsupported);
    EXPECT_NE(opened.error().detail.find("newer than this program (schema 999"), std::string::npos);
}

TEST_F(StoreFile, says_that_the_disk_is_full_and_goes_on_when_it_is_not) {
    ::signal(SIGXFSZ, SIG_IGN);
    add();
    rlimit old{};
    ::getrlimit(RLIMIT_FSIZE, &old);
    auto small = old;
    small.rlim_cur = 512 << 10;
    auto large = new_job();
    large.input = R"({"prompt":")" + std::string(1 << 20, 'x') + "\"}";
    std::vector<Result<Accepted>> results;
    ::setrlimit(RLIMIT_FSIZE, &small);
    boost::asio::co_spawn(io, accept_into(*store, large, results), [](std::exception_ptr) {});
    io.restart();
    io.run();
    ::setrlimit(RLIMIT_FSIZE, &old);
    ASSERT_EQ(results.size(), 1U);
    ASSERT_FALSE(results[0]);
    EXPECT_EQ(results[0].error().code, errc::storage_full) << results[0].error().detail;
    add();
    EXPECT_EQ(run(store->list({}, {}, 10)).value().jobs.size(), 2U) << "nothing of the large one is there";
}

TEST_F(StoreFile, shows_a_write_to_the_next_read_of_its_caller) {
    for (int i = 0; i < 200; ++i) {
        const auto job = add();
        ASSERT_EQ(run(store->get(job.id)).value().id, job.id);
        ASSERT_TRUE(run(store->cancel(job.id)));
        ASSERT_EQ(get(job.id).status, JobStatus::canceled);
    }
}

}  // namespace
}  // namespace genq::store
