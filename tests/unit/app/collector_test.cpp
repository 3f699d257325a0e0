#include "server/app/collector.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "server/blobs/folder_files.hpp"
#include "tests/unit/store/fixture.hpp"

namespace genq::app {
namespace {

using store::test::digest_of;
using store::test::stored;

class CollectorTest : public store::test::StoreTest {
  protected:
    std::string blob(char digit) const { return blobs::blob_path(folder / "blobs", digest_of(digit)); }
    bool there(char digit) const { return std::filesystem::exists(blob(digit)); }
    /// Puts a file at a blob's place that was written `age` ago, by the store's clock.
    void put(char digit, std::chrono::hours age) {
        std::filesystem::create_directories(std::filesystem::path(blob(digit)).parent_path());
        std::ofstream(blob(digit)) << "0123456789";
        const auto at = to_ms(clock.wall_now() - age);
        const timespec times[2] = {{at / 1000, 0}, {at / 1000, 0}};
        ASSERT_EQ(::utimensat(AT_FDCWD, blob(digit).c_str(), times, 0), 0);
    }
    Job done(char digit, Labels labels = {}) {
        auto wanted = store::test::new_job();
        wanted.labels = std::move(labels);
        const auto job = generating(std::move(wanted));
        store::Generated generated{job.id, "success", {store::test::source(0)}, {}, 4.5};
        EXPECT_TRUE(run(store->record_generated(generated)));
        EXPECT_TRUE(run(store->record_output(job.id, stored(0, digit))));
        return get(job.id);
    }
    bool exists(const Job& job) { return run(store->get(job.id)).has_value(); }
    Result<Collected> collect(RetentionSection rules, bool dry_run = false) {
        Collector collector(*store, *files, folder.path(), pool, clock, [this](JobId id) { told.push_back(id); });
        return run(collector.run(std::move(rules), dry_run));
    }

    async::WorkerPool pool{1};
    std::unique_ptr<blobs::FolderStore> files = std::move(*blobs::FolderStore::open(folder / "blobs", pool));
    std::vector<JobId> told;
};

TEST_F(CollectorTest, deletes_what_ended_long_ago_with_the_blobs_that_nobody_else_lists) {
    const auto old = done('a');
    const auto kept = done('b', {{"project", "spring"}});
    const auto shares = done('c');
    const auto running = add();
    pass(11 * 86'400);
    const auto young = done('c');
    for (const char digit : {'a', 'b', 'c'}) put(digit, std::chrono::hours(11 * 24));
    RetentionSection rules;
    rules.max_age_days = 10;
    rules.keep_labels = {"project=spring"};

    const auto would = collect(rules, true);
    ASSERT_TRUE(would) << would.error().detail;
    EXPECT_EQ(would->jobs, 2U);
    EXPECT_TRUE(exists(old) && there('a') && told.empty()) << "a dry run changes nothing";

    const auto did = collect(rules);
    ASSERT_TRUE(did) << did.error().detail;
    EXPECT_EQ(did->jobs, 2U);
    EXPECT_EQ(did->blobs, 1U);
    EXPECT_FALSE(exists(old) || exists(shares) || there('a'));
    EXPECT_TRUE(exists(kept) && exists(running) && exists(young) && there('b') && there('c'));
    EXPECT_EQ(told, (std::vector<JobId>{old.id, shares.id}));
}

TEST_F(CollectorTest, deletes_the_oldest_until_the_rest_fits) {
    std::vector<Job> jobs;
    for (const char digit : {'a', 'b', 'c', 'd'}) jobs.push_back(done(digit));
    RetentionSection rules;
    rules.max_bytes = 25;
    EXPECT_EQ(collect(rules)->jobs, 2U);
    EXPECT_FALSE(exists(jobs[0]) || exists(jobs[1]));
    EXPECT_TRUE(exists(jobs[2]) && exists(jobs[3]));
    EXPECT_EQ(collect(rules)->jobs, 0U);
}

TEST_F(CollectorTest, without_rules_deletes_no_job) {
    const auto job = done('a');
    pass(1000 * 86'400);
    put('a', std::chrono::hours(24'000));
    EXPECT_EQ(collect({})->jobs, 0U);
    EXPECT_TRUE(exists(job) && there('a'));
}

TEST_F(CollectorTest, finds_the_blobs_that_a_run_left_which_was_cut_off) {
    const auto job = done('a');
    put('a', std::chrono::hours(48));
    ASSERT_TRUE(run(store->erase(job.id)));
    EXPECT_EQ(collect({}, true)->blobs, 1U);
    EXPECT_TRUE(there('a'));
    EXPECT_EQ(collect({})->blobs, 1U);
    EXPECT_FALSE(there('a'));
}

TEST_F(CollectorTest, leaves_alone_for_a_day_what_somebody_may_be_about_to_list) {
    put('a', std::chrono::hours(23));
    EXPECT_EQ(collect({})->blobs, 0U);
    EXPECT_TRUE(there('a'));
    pass(2 * 3600);
    EXPECT_EQ(collect({})->blobs, 1U);
}

TEST_F(CollectorTest, takes_no_blob_away_while_a_backup_is_made) {
    put('a', std::chrono::hours(48));
    {
        const auto backup = keep_blobs(folder.path());
        ASSERT_TRUE(backup);
        const auto refused = collect({});
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, errc::busy);
        EXPECT_TRUE(there('a'));
    }
    EXPECT_EQ(collect({})->blobs, 1U);
}

TEST_F(CollectorTest, deletes_no_job_whose_blobs_it_may_not_have) {
    const auto job = done('a');
    pass(11 * 86'400);
    RetentionSection rules;
    rules.max_age_days = 10;
    rules.max_bytes = 1;
    std::filesystem::create_directory(folder / "blobs.lock");
    EXPECT_FALSE(collect(rules));
    EXPECT_TRUE(exists(job));
    std::filesystem::remove(folder / "blobs.lock");
    EXPECT_EQ(collect(rules)->jobs, 1U);
}

TEST(Collection, of_a_directory_without_a_database_makes_none) {
    const test::TempFolder folder;
    for (const std::string& dir : {folder / "none", folder.path()}) {
        const auto done = collect_offline(dir, {}, false);
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code, errc::not_found);
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace genq::app
