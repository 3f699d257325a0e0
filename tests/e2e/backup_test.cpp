#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>

#include "tests/e2e/daemon.hpp"
#include "tests/e2e/folder_watch.hpp"
#include "tests/e2e/http_user.hpp"

namespace genq::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

/// A daemon that has made two pictures, and a place for backups of it.
class BackupTest : public ::testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(daemon.start());
        for (const char* prompt : {"prompt=one", "prompt=two"}) {
            ASSERT_EQ(daemon.client({"submit", "google/imagen4", prompt, "--wait"}).code, 0);
        }
    }
    Outcome backup() { return run({"backup", "--state", daemon.state(), copy()}, daemon.folder()); }
    Outcome verify(const std::string& state) { return run({"verify", "--state", state}, daemon.folder()); }
    void stop() {
        daemon.process().signal(SIGTERM);
        ASSERT_EQ(daemon.process().wait(), 0);
    }
    /// The backup takes the place of the state, and a daemon is started on it.
    void restore() {
        stop();
        fs::rename(daemon.state(), daemon.folder() / "original");
        fs::rename(copy(), daemon.state());
        // After a start on a used state the limiter waits for as long as requests may still count.
        ASSERT_TRUE(daemon.start({{"GENQD_LIMITS__WINDOW_S", "1"}, {"GENQD_LIMITS__STRAGGLER_S", "1"}}));
    }
    [[nodiscard]] std::string copy() const { return (daemon.folder() / "copy").string(); }
    [[nodiscard]] static fs::path some_blob(const fs::path& state) {
        for (const auto& entry : fs::recursive_directory_iterator(state / "blobs" / "sha256")) {
            if (entry.is_regular_file()) return entry.path();
        }
        return {};
    }
    static void flip_byte(const fs::path& file, std::streamoff at) {
        std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
        stream.seekg(at);
        const auto byte = static_cast<char>(stream.get());
        stream.seekp(at);
        stream.put(static_cast<char>(byte ^ 0x55));
        ASSERT_TRUE(stream.good());
    }
    /// Makes every page after the first few of a closed database one that SQLite did not write.
    static void damage_database(const fs::path& file) {
        std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
        const auto size = static_cast<std::streamoff>(fs::file_size(file));
        for (std::streamoff page = std::streamoff{3} * 4096; page < size; page += 4096) {
            stream.seekp(page);
            stream << std::string(64, 'x');
        }
        ASSERT_TRUE(stream.good());
    }

    Daemon daemon;
};

TEST_F(BackupTest, of_a_daemon_at_work_starts_paused_and_is_released_on_request_alone) {
    ASSERT_EQ(daemon.client({"pause"}).code, 0);
    const auto submitted = daemon.client({"submit", "google/imagen4", "prompt=three"});
    ASSERT_EQ(submitted.code, 0);
    const auto id = submitted.out.substr(0, 26);
    const auto made = backup();
    ASSERT_EQ(made.code, 0) << made.err;
    EXPECT_THAT(made.out, HasSubstr("3 jobs"));
    EXPECT_THAT(made.out, HasSubstr("2 copied, 0 there before"));
    EXPECT_EQ(verify(copy()).code, 0) << verify(copy()).out;
    ASSERT_NO_FATAL_FAILURE(restore());

    EXPECT_THAT(daemon.client({"queue"}).out, HasSubstr("restored from the backup of"));
    const auto resumed = daemon.client({"resume"});
    EXPECT_EQ(resumed.code, 3);
    EXPECT_THAT(resumed.err, HasSubstr("genqd resume --restored"));
    EXPECT_EQ(daemon.client({"resume", "--fail-queued"}).code, 2);
    EXPECT_THAT(daemon.client({"status", id}).out, HasSubstr("queued"));
    EXPECT_EQ(daemon.client({"resume", "--restored", "--fail-queued"}).code, 0);
    EXPECT_THAT(daemon.client({"status", id}).out, HasSubstr("submit_unknown"));
    EXPECT_EQ(daemon.client({"submit", "google/imagen4", "prompt=four", "--wait"}).code, 0);
    EXPECT_EQ(daemon.client({"resume", "--restored"}).code, 3);
    EXPECT_EQ(verify(daemon.state()).code, 0) << verify(daemon.state()).out;
}

TEST_F(BackupTest, copies_only_new_blobs_the_next_time_and_never_over_what_was_served) {
    ASSERT_EQ(backup().code, 0);
    ASSERT_EQ(daemon.client({"submit", "google/imagen4", "prompt=three", "--wait"}).code, 0);
    const auto second = backup();
    EXPECT_THAT(second.out, HasSubstr("3 jobs")) << second.err;
    EXPECT_THAT(second.out, HasSubstr("1 copied, 2 there before"));
    ASSERT_NO_FATAL_FAILURE(restore());
    const auto original = (daemon.folder() / "original").string();
    EXPECT_EQ(run({"backup", "--state", original, daemon.state()}, daemon.folder()).code, 3) << "it is being served";
    ASSERT_NO_FATAL_FAILURE(stop());
    const auto over = run({"backup", "--state", original, daemon.state()}, daemon.folder());
    EXPECT_EQ(over.code, 1);
    EXPECT_THAT(over.err, HasSubstr("is no backup, or was served since"));
    EXPECT_EQ(run({"backup", "--state", original, original}, daemon.folder()).code, 2);
    EXPECT_EQ(run({"backup", "--state", "nowhere", "copy"}, daemon.folder()).code, 1);
}

TEST_F(BackupTest, copies_a_blob_again_that_was_damaged_in_the_earlier_one) {
    ASSERT_EQ(backup().code, 0);
    const auto damaged = some_blob(copy());
    std::ofstream(damaged, std::ios::app) << "xx";
    ASSERT_EQ(verify(copy()).code, 1);
    const auto second = backup();
    EXPECT_EQ(second.code, 0) << second.err;
    EXPECT_THAT(second.out, HasSubstr("0 copied, 1 there before, 1 found damaged there and copied again"));
    EXPECT_EQ(verify(copy()).code, 0);
    EXPECT_THAT(backup().out, HasSubstr("0 copied, 2 there before)"));
}

TEST_F(BackupTest, is_for_its_owner_only_also_in_a_folder_for_all) {
    fs::create_directory(copy());
    fs::permissions(copy(), fs::perms(0755));
    ASSERT_EQ(backup().code, 0);
    for (const auto& entry : fs::recursive_directory_iterator(copy())) {
        EXPECT_EQ(entry.status().permissions(), fs::perms(entry.is_directory() ? 0700 : 0600)) << entry.path();
    }
}

TEST_F(BackupTest, inside_of_the_state_is_refused) {
    fs::create_directory_symlink("state", daemon.folder() / "link");
    for (const char* target : {"state", "state/backup", "state/blobs/../backup", "link/backup"}) {
        const auto refused = run({"backup", "--state", daemon.state(), target}, daemon.folder());
        EXPECT_EQ(refused.code, 2) << target;
        EXPECT_THAT(refused.err, HasSubstr("outside of the state directory"));
    }
    EXPECT_FALSE(fs::exists(fs::path(daemon.state()) / "backup"));
    EXPECT_EQ(run({"backup", "--state", daemon.state(), "state2"}, daemon.folder()).code, 0);
}

TEST_F(BackupTest, keeps_signed_urls_good) {
    const auto listed = daemon.client({"list", "--json"}).out;
    const auto id = listed.substr(listed.find(R"("id":")") + 6, 26);
    HttpUser user;
    const auto job = user.get(daemon.url() + "/v1/jobs/" + id + "?sign=3600").value().body;
    const auto at = job.find("/v1/blobs/", job.find(R"("signed_url":)"));
    ASSERT_NE(at, std::string::npos) << job;
    const auto target = job.substr(at, job.find('"', at) - at);
    ASSERT_EQ(user.get(daemon.url() + target).value().status, 200);
    ASSERT_EQ(backup().code, 0);
    ASSERT_NO_FATAL_FAILURE(restore());
    EXPECT_EQ(user.get(daemon.url() + target).value().status, 200);
}

TEST_F(BackupTest, that_is_killed_leaves_the_earlier_one_whole) {
    ASSERT_EQ(backup().code, 0);
    FolderWatch watch(copy());
    for (int i = 0; i < 10; ++i) {
        ASSERT_EQ(daemon.client({"submit", "google/imagen4", "prompt=more" + std::to_string(i), "--wait"}).code, 0);
        Process killed({"backup", "--state", daemon.state(), copy()}, daemon.folder());
        // At the i-th change in the folder: of the database's copy, its log, its name.
        int changes = 0;
        (void)watch.wait([&] { return ++changes > i; }, killed, std::chrono::seconds(60));
        killed.signal(SIGKILL);
        ASSERT_TRUE(killed.wait());
        const auto verdict = verify(copy());
        EXPECT_EQ(verdict.code, 0) << verdict.out << verdict.err;
    }
    EXPECT_EQ(backup().code, 0);
    EXPECT_THAT(verify(copy()).out, HasSubstr("12 jobs and 12 blobs looked at, 0 faults"));
}

TEST_F(BackupTest, names_a_damaged_blob_and_leaves_it_out) {
    ASSERT_NO_FATAL_FAILURE(stop());  // a daemon that reads the blob would put it aside
    const auto blob = some_blob(daemon.state());
    flip_byte(blob, 100);
    const auto made = backup();
    EXPECT_EQ(made.code, 1);
    EXPECT_THAT(made.err, HasSubstr("blob " + blob.filename().string() + " is damaged"));
    EXPECT_FALSE(fs::exists(fs::path(copy()) / fs::relative(blob, daemon.state())));
    EXPECT_THAT(made.out, HasSubstr("1 copied"));
}

TEST_F(BackupTest, names_a_blob_that_was_put_aside_and_one_that_is_missing) {
    ASSERT_NO_FATAL_FAILURE(stop());
    const auto aside = some_blob(daemon.state());
    fs::create_directories(fs::path(daemon.state()) / "blobs" / "damaged");
    fs::rename(aside, fs::path(daemon.state()) / "blobs" / "damaged" / aside.filename());
    const auto missing = some_blob(daemon.state());
    fs::remove(missing);
    const auto made = backup();
    EXPECT_EQ(made.code, 1);
    EXPECT_THAT(made.err, HasSubstr("blob " + aside.filename().string() + " was found damaged and put aside"));
    EXPECT_THAT(made.err, HasSubstr("blob " + missing.filename().string() + " is missing"));
    EXPECT_THAT(made.out, HasSubstr("0 copied"));
}

TEST_F(BackupTest, of_a_damaged_database_is_refused_and_the_earlier_one_stays) {
    ASSERT_EQ(backup().code, 0);
    ASSERT_NO_FATAL_FAILURE(stop());
    damage_database(fs::path(daemon.state()) / "genqd.db");
    EXPECT_EQ(backup().code, 1);
    EXPECT_EQ(verify(copy()).code, 0);
}

TEST_F(BackupTest, verify_tells_a_damaged_a_missing_and_an_unlisted_blob) {
    ASSERT_NO_FATAL_FAILURE(stop());  // a daemon that reads the blob would put it aside
    const auto damaged = some_blob(daemon.state());
    flip_byte(damaged, 100);
    auto verdict = verify(daemon.state());
    EXPECT_EQ(verdict.code, 1);
    EXPECT_THAT(verdict.out, HasSubstr("wrong: blob " + damaged.filename().string() + " is damaged"));
    fs::remove(damaged);
    verdict = verify(daemon.state());
    EXPECT_EQ(verdict.code, 1);
    EXPECT_THAT(verdict.out, HasSubstr(damaged.filename().string() + ", which a job lists, is missing"));

    const std::string empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const auto folder = fs::path(copy()) / "blobs" / "sha256" / "e3" / "b0";
    ASSERT_EQ(backup().code, 1);
    fs::create_directories(folder);
    std::ofstream(folder / empty).close();
    std::ofstream(folder / "notes.txt") << "x";
    verdict = verify(copy());
    EXPECT_THAT(verdict.out, HasSubstr("listed by no job: blob " + empty));
    EXPECT_THAT(verdict.out, HasSubstr("notes.txt"));
    const auto json = run({"verify", "--state", copy(), "--json"}, daemon.folder());
    EXPECT_THAT(json.out, HasSubstr(R"("ok":false)"));
    EXPECT_THAT(json.out, HasSubstr(R"("unlisted":[")" + empty));
}

TEST_F(BackupTest, a_killed_collection_leaves_a_state_without_faults) {
    for (int i = 0; i < 6; ++i) {
        ASSERT_EQ(daemon.client({"submit", "google/imagen4", "prompt=more" + std::to_string(i), "--wait"}).code, 0);
    }
    const std::vector<std::string> gc{"gc", "--state", daemon.state()};
    EXPECT_EQ(run(gc, daemon.folder()).code, 3) << "a daemon is at work";
    ASSERT_NO_FATAL_FAILURE(stop());
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(daemon.state()) / "blobs" / "sha256")) {
        if (entry.is_regular_file()) fs::last_write_time(entry, entry.last_write_time() - std::chrono::hours(48));
    }
    EXPECT_THAT(run(gc, daemon.folder()).out, HasSubstr("0 jobs and 0 blobs"));
    FolderWatch watch(daemon.state());
    const std::map<std::string, std::string> rules{{"GENQD_RETENTION__MAX_BYTES", "1"}};
    for (int i = 0; i < 12; i += 2) {
        Process killed(gc, daemon.folder(), rules);
        int changes = 0;
        (void)watch.wait([&] { return ++changes > i; }, killed, std::chrono::seconds(60));
        killed.signal(SIGKILL);
        ASSERT_TRUE(killed.wait());
        const auto verdict = verify(daemon.state());
        EXPECT_EQ(verdict.code, 0) << verdict.out << verdict.err;
    }
    EXPECT_EQ(run(gc, daemon.folder(), rules).code, 0);
    EXPECT_THAT(verify(daemon.state()).out, HasSubstr("0 jobs and 0 blobs looked at, 0 faults"));
}

TEST_F(BackupTest, a_daemon_with_retention_rules_collects_by_itself) {
    ASSERT_NO_FATAL_FAILURE(stop());
    ASSERT_TRUE(daemon.start({{"GENQD_RETENTION__MAX_BYTES", "1"}}));
    Outcome listed;
    for (int i = 0; i < 1000; ++i) {
        listed = daemon.client({"list", "--json"});
        if (listed.out.find("succeeded") == std::string::npos) break;
    }
    EXPECT_THAT(listed.out, Not(HasSubstr("succeeded")));
    EXPECT_EQ(verify(daemon.state()).code, 0);
}

TEST_F(BackupTest, a_daemon_finds_a_damaged_blob_and_gives_it_out_to_nobody) {
    ASSERT_NO_FATAL_FAILURE(stop());
    const auto damaged = some_blob(daemon.state());
    const auto digest = damaged.filename().string();
    flip_byte(damaged, 100);
    ASSERT_TRUE(daemon.start());
    HttpUser user;
    http::ClientResponse metrics;
    for (int i = 0; i < 1000; ++i) {
        metrics = user.get(daemon.url() + "/metrics").value();
        if (metrics.body.find("genqd_blobs_damaged_total 1") != std::string::npos) break;
    }
    EXPECT_THAT(metrics.body, HasSubstr("genqd_blobs_damaged_total 1"));
    const auto refused = user.get(daemon.url() + "/v1/blobs/" + digest).value();
    EXPECT_EQ(refused.status, 500);
    EXPECT_THAT(refused.body, HasSubstr("the stored bytes are damaged"));
    EXPECT_THAT(daemon.process().err(), HasSubstr("a blob is damaged, and was put aside"));
    EXPECT_TRUE(fs::exists(fs::path(daemon.state()) / "blobs" / "damaged" / digest));
    const auto verdict = verify(daemon.state());
    EXPECT_EQ(verdict.code, 1);
    EXPECT_THAT(verdict.out, HasSubstr(digest + ", which a job lists, was found damaged and put aside"));
}

TEST_F(BackupTest, a_daemon_refuses_a_database_that_is_none_and_says_what_to_do) {
    ASSERT_NO_FATAL_FAILURE(stop());
    std::ofstream(fs::path(daemon.state()) / "genqd.db") << std::string(8192, 'x');
    const auto refused = run({"serve", "--sandbox", "--state", daemon.state()}, daemon.folder());
    EXPECT_EQ(refused.code, 1);
    EXPECT_THAT(refused.err, HasSubstr("put a backup in its place"));
}

TEST_F(BackupTest, verify_tells_a_damaged_database) {
    ASSERT_NO_FATAL_FAILURE(stop());
    EXPECT_EQ(verify(daemon.state()).code, 0);
    damage_database(fs::path(daemon.state()) / "genqd.db");
    const auto verdict = verify(daemon.state());
    EXPECT_EQ(verdict.code, 1);
    EXPECT_THAT(verdict.out, HasSubstr("wrong: SQLite: "));
    EXPECT_THAT(verdict.out, Not(HasSubstr("listed by no job")));
    EXPECT_EQ(verify((daemon.folder() / "nowhere").string()).code, 1);
}

}  // namespace
}  // namespace genq::test
