#include "server/app/scrubber.hpp"

#include <gtest/gtest.h>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <filesystem>
#include <fstream>
#include <functional>

#include "common/async/task_group.hpp"
#include "common/crypto/sha256.hpp"
#include "common/sql/connection.hpp"
#include "server/blobs/folder_files.hpp"
#include "tests/support/temp_folder.hpp"

namespace genq::app {
namespace {

/// A clock on which every sleep is over at once; past `stop_at` it is cancelled.
class JumpingClock final : public Clock {
  public:
    [[nodiscard]] SteadyTime now() const override { return now_; }
    [[nodiscard]] WallTime wall_now() const override { return WallTime{}; }
    [[nodiscard]] boost::asio::awaitable<void> sleep_until(SteadyTime when) override {
        now_ = when;
        if (when >= stop_at) throw boost::system::system_error(boost::asio::error::operation_aborted);
        slept();
        co_return;
    }

    SteadyTime stop_at = SteadyTime::max();
    std::function<void()> slept;

  private:
    SteadyTime now_{};
};

struct ScrubberTest : public ::testing::Test {
    void put(const std::string& contents) {
        const auto path = path_of(contents);
        std::filesystem::create_directories(std::filesystem::path(path).parent_path());
        std::ofstream(path) << contents;
    }
    std::string path_of(const std::string& contents) const {
        return blobs::blob_path(folder / "blobs", *Digest::parse(crypto::sha256_hex(contents)));
    }
    double count(const std::string& name) {
        const auto text = metrics.render();
        const auto at = text.find("\n" + name + " ");
        return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
    }

    test::TempFolder folder;
    boost::asio::io_context io;
    JumpingClock clock;
    log::Logger log{log::Level::error, log::Format::text};
    metrics::Registry metrics;
    async::WorkerPool pool{1};
    std::unique_ptr<blobs::FolderStore> files = std::move(*blobs::FolderStore::open(folder / "blobs", pool));
    Scrubber scrubber{*files, folder.path(), pool, clock, log, metrics};
};

TEST_F(ScrubberTest, reports_a_damaged_database_until_a_later_round_finds_it_whole) {
    const std::string path = folder / "genqd.db";
    const std::string whole = folder / "whole.db";
    {
        const auto db = sql::Connection::open({.path = path});
        ASSERT_TRUE(db);
        ASSERT_TRUE(
            (*db)->script("CREATE TABLE a(x TEXT) STRICT; CREATE TABLE b(x TEXT) STRICT;"
                          "INSERT INTO a VALUES('fine'); INSERT INTO b VALUES('gone');"));
    }
    std::filesystem::copy_file(path, whole);
    {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(2 * 4096);  // the root page of b
        file << std::string(4096, '\xff');
    }
    const auto begun = clock.now();
    clock.stop_at = begun + std::chrono::hours(49);
    bool seen = false;
    clock.slept = [&] {
        if (clock.now() - begun < std::chrono::hours(24) || seen) return;
        seen = true;
        EXPECT_TRUE(scrubber.found().database_damaged);
        EXPECT_EQ(count("genqd_database_damaged_total"), 1) << "b alone";
        std::filesystem::copy_file(whole, path, std::filesystem::copy_options::overwrite_existing);
    };
    async::TaskGroup tasks(io.get_executor(), [](const std::string&, const std::exception_ptr&) {});
    tasks.spawn("scrubber", scrubber.run());
    io.run();
    EXPECT_TRUE(seen);
    EXPECT_FALSE(scrubber.found().database_damaged);
    EXPECT_EQ(count("genqd_database_damaged_total"), 1);
}

TEST_F(ScrubberTest, reads_all_blobs_slowly_and_again_the_next_day) {
    for (int i = 0; i < 8; ++i) put(std::to_string(i) + std::string(1 << 20, 'x'));
    const auto lost = path_of("3" + std::string(1 << 20, 'x'));
    const auto begun = clock.now();
    clock.stop_at = begun + std::chrono::hours(25);
    clock.slept = [&] {
        const auto passed = clock.now() - begun;
        if (count("genqd_blobs_checked_total") < 8 || passed < Scrubber::between_rounds) return;
        if (std::filesystem::exists(lost) && count("genqd_blobs_checked_total") == 8) {
            EXPECT_GE(passed - Scrubber::between_rounds, std::chrono::milliseconds(8 * 250)) << "4 MiB a second";
            EXPECT_EQ(count("genqd_blobs_damaged_total"), 0);
            std::ofstream(lost, std::ios::in | std::ios::out) << "?";
        }
    };
    async::TaskGroup tasks(io.get_executor(), [](const std::string&, const std::exception_ptr&) {});
    tasks.spawn("scrubber", scrubber.run());
    io.run();
    EXPECT_EQ(count("genqd_blobs_checked_total"), 16);
    EXPECT_EQ(count("genqd_blobs_damaged_total"), 1);
    EXPECT_EQ(scrubber.found().blobs_damaged, 1);
    EXPECT_FALSE(std::filesystem::exists(lost));
}

}  // namespace
}  // namespace genq::app
