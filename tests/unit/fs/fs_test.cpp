#include <gtest/gtest.h>

#include <filesystem>

#include "common/fs/atomic_file.hpp"
#include "common/fs/disk_space.hpp"
#include "common/fs/file_lock.hpp"
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

TEST(DiskSpace, tells_what_is_left) {
    const test::TempFolder folder;
    const auto bytes = free_bytes(folder.path());
    ASSERT_TRUE(bytes);
    EXPECT_GT(*bytes, 0U);
    EXPECT_EQ(free_bytes(folder / "missing").error().code, errc::not_found);
}

}  // namespace
}  // namespace genq::fs
