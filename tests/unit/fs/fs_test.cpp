#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "common/fs/atomic_file.hpp"
#include "common/fs/disk_space.hpp"
#include "common/fs/file_lock.hpp"
#include "common/fs/ownership.hpp"
#include "tests/support/temp_folder.hpp"

namespace genq::fs {
namespace {

TEST(AtomicFile, replaces_the_contents_and_leaves_no_temporary_file) {
    const test::TempFolder folder;
    const auto path = folder / "key";
    ASSERT_TRUE(write_file_atomically(path, "one"));
    ASSERT_TRUE(write_file_atomically(path, std::string(100'000, 'x')));
    EXPECT_EQ(read_file(path, 1 << 20), std::string(100'000, 'x'));
    const auto too_large = read_file(path, 10);
    ASSERT_FALSE(too_large);
    EXPECT_EQ(too_large.error().code, errc::too_large);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
    using std::filesystem::perms;
    EXPECT_EQ(std::filesystem::status(path).permissions(), perms::owner_read | perms::owner_write);
}

TEST(AtomicFile, says_what_is_not_there) {
    const test::TempFolder folder;
    const auto written = write_file_atomically(folder / "no/key", "x");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, errc::not_found);
    EXPECT_EQ(read_file(folder / "no", 10).error().code, errc::not_found);
}

TEST(FileLock, keeps_a_second_holder_off_until_the_first_is_gone) {
    const test::TempFolder folder;
    {
        const auto first = FileLock::acquire(folder / "lock");
        ASSERT_TRUE(first);
        const auto second = FileLock::acquire(folder / "lock");
        ASSERT_FALSE(second);
        EXPECT_EQ(second.error().code, errc::busy);
    }
    EXPECT_TRUE(FileLock::acquire(folder / "lock"));
}

TEST(Ownership, of_what_root_makes_is_that_of_the_folder) {
    if (::geteuid() != 0) GTEST_SKIP() << "for root alone";
    const test::TempFolder folder;
    ASSERT_EQ(::chown(folder.path().c_str(), 54321, 12345), 0);
    const auto owner = [&](const std::string& name) {
        struct stat info{};
        EXPECT_EQ(::stat((folder / name).c_str(), &info), 0) << name;
        return std::pair(info.st_uid, info.st_gid);
    };
    const std::pair<uid_t, gid_t> service(54321, 12345);
    ASSERT_TRUE(FileLock::acquire(folder / "lock"));
    EXPECT_EQ(owner("lock"), service);
    ASSERT_TRUE(make_file(folder / "file"));
    EXPECT_EQ(owner("file"), service);
    ASSERT_TRUE(write_file_atomically(folder / "key", "one"));
    EXPECT_EQ(owner("key"), service);
    ASSERT_EQ(::chown((folder / "key").c_str(), 7, 8), 0);
    ASSERT_TRUE(write_file_atomically(folder / "key", "two"));
    EXPECT_EQ(owner("key"), (std::pair<uid_t, gid_t>(7, 8))) << "or that of the file before it";
}

TEST(Ownership, is_not_given_away_by_a_link_in_the_place_of_a_file) {
    const test::TempFolder folder;
    ASSERT_TRUE(write_file_atomically(folder / "other", "of somebody else"));
    std::filesystem::create_symlink("other", folder / "lock");
    EXPECT_FALSE(FileLock::acquire(folder / "lock"));
    std::filesystem::create_symlink("other", folder / ("key.tmp." + std::to_string(::getpid())));
    ASSERT_TRUE(write_file_atomically(folder / "key", "one"));
    EXPECT_EQ(read_file(folder / "key", 10), "one");
    EXPECT_EQ(read_file(folder / "other", 100), "of somebody else");
}

TEST(Ownership, a_made_file_is_left_alone_the_next_time) {
    const test::TempFolder folder;
    ASSERT_TRUE(make_file(folder / "file"));
    ASSERT_TRUE(write_file_atomically(folder / "file", "x", 0640));
    ASSERT_TRUE(make_file(folder / "file"));
    EXPECT_EQ(read_file(folder / "file", 10), "x");
    EXPECT_EQ(make_file(folder / "no/file").error().code, errc::not_found);
}

TEST(DiskSpace, tells_what_is_left) {
    const test::TempFolder folder;
    const auto bytes = free_bytes(folder.path());
    ASSERT_TRUE(bytes);
    EXPECT_GT(*bytes, 0U);
    EXPECT_EQ(free_bytes(folder / "missing").error().code, errc::not_found);
}

}  // namespace
}  // namespace genq::fs
