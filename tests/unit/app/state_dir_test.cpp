#include "server/app/state_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

namespace genq::app {
namespace {

TEST(StateDir, is_made_for_the_owner_only_and_held_by_one) {
    const auto path = std::filesystem::path(::testing::TempDir()) / "genqd-state-test";
    std::filesystem::remove_all(path);
    {
        const auto first = StateDir::open(path.string());
        ASSERT_TRUE(first) << first.error().detail;
        struct stat info{};
        ASSERT_EQ(::stat(path.c_str(), &info), 0);
        EXPECT_EQ(info.st_mode & 0777U, 0700U);
        EXPECT_EQ(first->database(), path.string() + "/genqd.db");
        const auto second = StateDir::open(path.string());
        ASSERT_FALSE(second);
        EXPECT_EQ(second.error().code, errc::busy);
        EXPECT_THAT(second.error().detail, ::testing::HasSubstr(path.string()));
    }
    EXPECT_TRUE(StateDir::open(path.string()));
    std::filesystem::remove_all(path);
}

TEST(StateDir, that_can_not_be_made_is_named) {
    const auto dir = StateDir::open("/nonexistent/deep/dir");
    ASSERT_FALSE(dir);
    EXPECT_EQ(dir.error().code, errc::io);
    EXPECT_THAT(dir.error().detail, ::testing::HasSubstr("/nonexistent/deep/dir"));
}

}  // namespace
}  // namespace genq::app
