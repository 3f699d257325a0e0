#include "server/app/url_keys.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "common/fs/atomic_file.hpp"
#include "tests/support/temp_folder.hpp"

namespace genq::app {
namespace {

struct UrlKeys : testing::Test {
    genq::test::TempFolder folder;
    SeededRandom random{3};
    [[nodiscard]] std::vector<std::string> load() {
        const auto keys = load_url_keys(folder.path(), random);
        EXPECT_TRUE(keys) << keys.error().detail;
        return keys ? (*keys)->keys : std::vector<std::string>();
    }
};

TEST_F(UrlKeys, are_made_once_for_the_daemon_alone) {
    const auto first = load();
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first[0].size(), 32U);
    EXPECT_EQ(load(), first);
    struct stat info{};
    ASSERT_EQ(::stat((folder / "url_keys").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(UrlKeys, hold_two_while_rotating) {
    const auto first = load();
    ASSERT_TRUE(rotate_url_keys(folder.path(), random));
    const auto second = load();
    ASSERT_EQ(second.size(), 2U);
    EXPECT_NE(second[0], first[0]);
    EXPECT_EQ(second[1], first[0]);
    ASSERT_TRUE(rotate_url_keys(folder.path(), random));
    const auto third = load();
    ASSERT_EQ(third.size(), 2U);
    EXPECT_EQ(third[1], second[0]);
}

TEST_F(UrlKeys, are_not_made_anew_over_a_file_that_is_none) {
    for (const std::string text : {"", "x\n", "abcd\n"}) {
        ASSERT_TRUE(fs::write_file_atomically(folder / "url_keys", text));
        const auto keys = load_url_keys(folder.path(), random);
        ASSERT_FALSE(keys);
        EXPECT_EQ(keys.error().code, errc::corrupt);
        EXPECT_NE(keys.error().detail.find("url_keys"), std::string::npos);
    }
}

TEST_F(UrlKeys, need_the_state_directory) {
    EXPECT_FALSE(rotate_url_keys(folder / "none", random));
}

}  // namespace
}  // namespace genq::app
