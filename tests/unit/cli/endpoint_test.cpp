#include "server/app/profiles.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "server/cli/client.hpp"
#include "tests/support/temp_folder.hpp"

namespace genq::cli {
namespace {

using ::testing::HasSubstr;

class ProfilesTest : public ::testing::Test {
  protected:
    void write(const std::string& name, const std::string& text) {
        const std::filesystem::path file = folder_ / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << text;
    }
    // find_endpoint() with these options; the profiles are in ~/.config.
    Result<Endpoint> find(const ClientOptions& options, app::Environment more = {}) {
        more.emplace("HOME", folder_.path());
        return find_endpoint(options, more);
    }

    test::TempFolder folder_;
};

TEST_F(ProfilesTest, name_a_daemon_and_its_token) {
    write(
        ".config/genqd/profiles.toml",
        "[studio]\nurl = \"https://genqd.example/\"\ntoken_file = \"~/studio.token\"\n[lab]\nurl = \"http://lab:1\"\n");
    write("studio.token", "s3cret\n");
    const auto studio = find({.profile = "studio"});
    ASSERT_TRUE(studio) << studio.error().detail;
    EXPECT_EQ(studio->url, "https://genqd.example");
    EXPECT_EQ(studio->token, "s3cret");
    const auto lab = find({.profile = "lab"}, {{"GENQD_URL", "http://other"}, {"GENQD_TOKEN", "other's"}});
    EXPECT_EQ(lab->url, "http://lab:1");
    EXPECT_EQ(lab->token, "") << "another daemon's token";
    EXPECT_EQ(find({}, {{"GENQD_PROFILE", "lab"}})->url, "http://lab:1");
    EXPECT_EQ(find({}, {{"GENQD_PROFILE", "lab"}, {"GENQD_URL", "http://nearer"}})->url, "http://nearer");
    EXPECT_EQ(find({.url = "http://here", .token_file = folder_ / "studio.token"}, {{"GENQD_PROFILE", "lab"}})->token,
              "s3cret");
    EXPECT_THAT(find({.url = "http://here", .profile = "studio"}).error().detail, HasSubstr("not both"));
}

TEST_F(ProfilesTest, lie_where_xdg_says) {
    write("x/genqd/profiles.toml", "[a]\nurl = \"http://a\"\n");
    EXPECT_EQ(find({.profile = "a"}, {{"XDG_CONFIG_HOME", folder_ / "x"}})->url, "http://a");
    EXPECT_FALSE(find({.profile = "a"}));
    EXPECT_EQ(app::profiles_file({}), "");
}

TEST_F(ProfilesTest, say_what_is_wrong) {
    EXPECT_THAT(find({.profile = "a"}).error().detail, HasSubstr("[a]\n  url = "));
    const auto error = [&](const std::string& text) {
        write(".config/genqd/profiles.toml", text);
        return find({.profile = "a"}).error().detail;
    };
    EXPECT_THAT(error("[b]\nurl = \"http://b\"\n"), HasSubstr("no profile [a]; it has: b"));
    EXPECT_THAT(error("[a]\ntoken_file = \"x\"\n"), HasSubstr("[a]: url is missing"));
    EXPECT_THAT(error("[a]\nurl = 7\n"), HasSubstr("url has to be a text"));
    EXPECT_THAT(error("[a]\ntoken = \"x\"\n"), HasSubstr("unknown key token"));
    EXPECT_THAT(error("[a]\nurl = "), HasSubstr("profiles.toml:2: "));
    EXPECT_THAT(error("[a]\nurl = \"ftp://x\"\n"), HasSubstr("not the URL of a daemon"));
}

TEST_F(ProfilesTest, tokens_come_from_a_file_that_a_variable_names) {
    write("token", "from the file\n");
    EXPECT_EQ(find({}, {{"GENQD_TOKEN_FILE", folder_ / "token"}})->token, "from the file");
    EXPECT_EQ(find({}, {{"GENQD_TOKEN_FILE", folder_ / "token"}, {"GENQD_TOKEN", "t"}})->token, "t");
    EXPECT_FALSE(find({}, {{"GENQD_TOKEN_FILE", "/nonexistent"}}));
}

}  // namespace
}  // namespace genq::cli
