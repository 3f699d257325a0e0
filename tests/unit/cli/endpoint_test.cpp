#include "server/app/profiles.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "server/cli/endpoint.hpp"
#include "tests/support/temp_folder.hpp"

namespace genq::cli {
namespace {

using ::testing::HasSubstr;

TEST(Endpoint, comes_from_options_before_variables) {
    const app::Environment environment{{"GENQD_URL", "https://genqd.example:1/"}, {"GENQD_TOKEN", "t"}};
    EXPECT_EQ(find_endpoint({}, {})->url, "http://127.0.0.1:8080");
    EXPECT_EQ(find_endpoint({}, environment)->url, "https://genqd.example:1");
    EXPECT_EQ(find_endpoint({}, environment)->token, "t");
    EXPECT_EQ(find_endpoint({.url = "http://h:2", .token_file = ""}, environment)->url, "http://h:2");
    for (const char* bad : {"example.com", "ftp://x", "http://", "http://h/?a=1", "http://h/#x"}) {
        EXPECT_FALSE(find_endpoint({.url = bad, .token_file = ""}, {})) << bad;
    }
    EXPECT_FALSE(find_endpoint({.url = "", .token_file = "/nonexistent"}, {}));
}

class ProfilesTest : public ::testing::Test {
  protected:
    void write(const std::string& name, const std::string& text) {
        const std::filesystem::path file = folder_ / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << text;
    }
    // find_endpoint() with these options; the profiles are in ~/.config.
    Result<Endpoint> find(const ClientOptions& options, app::Environment more = {},
                          const app::Environment& dotenv = {}) {
        more.emplace("HOME", folder_.path());
        return find_endpoint(options, more, dotenv);
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

TEST_F(ProfilesTest, have_token_files_beside_them) {
    write(".config/genqd/profiles.toml", "[a]\nurl = \"http://a\"\ntoken_file = \"a.token\"\n");
    write(".config/genqd/a.token", "s3cret\n");
    EXPECT_EQ(find({.profile = "a"})->token, "s3cret");
    EXPECT_EQ(find({.token_file = "~/.config/genqd/a.token"})->token, "s3cret");
}

TEST_F(ProfilesTest, go_before_a_dotenv_file) {
    write(".config/genqd/profiles.toml", "[a]\nurl = \"http://a\"\n");
    const app::Environment dotenv{{"GENQD_URL", "http://evil"}, {"GENQD_TOKEN", "its own"}};
    EXPECT_EQ(find({}, {}, dotenv)->url, "http://evil");
    EXPECT_EQ(find({.profile = "a"}, {}, dotenv)->url, "http://a");
    EXPECT_EQ(find({.profile = "a"}, {}, dotenv)->token, "");
    EXPECT_EQ(find({}, {{"GENQD_PROFILE", "a"}}, dotenv)->url, "http://a");
    EXPECT_EQ(find({}, {{"GENQD_PROFILE", "a"}}, dotenv)->token, "");
    EXPECT_EQ(find({}, {}, {{"GENQD_PROFILE", "a"}})->url, "http://a");
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

TEST_F(ProfilesTest, tokens_never_go_to_a_daemon_that_a_dotenv_file_names) {
    write("token", "the user's\n");
    const std::string file = folder_ / "token";
    const app::Environment user{{"GENQD_TOKEN", "the user's"}};
    const app::Environment evil{{"GENQD_URL", "http://evil"}};
    EXPECT_EQ(find({}, user, evil)->url, "http://evil");
    EXPECT_EQ(find({}, user, evil)->token, "");
    EXPECT_EQ(find({}, {{"GENQD_TOKEN_FILE", file}}, evil)->token, "");
    EXPECT_EQ(find({}, user, {{"GENQD_URL", "http://evil"}, {"GENQD_TOKEN", "its own"}})->token, "its own");
    EXPECT_THAT(find({.token_file = file}, {}, evil).error().detail, HasSubstr("say --url too"));
    EXPECT_FALSE(find({}, {}, {{"GENQD_URL", "http://evil"}, {"GENQD_TOKEN_FILE", file}}))
        << "a file of the user's, named by somebody else";
    EXPECT_EQ(find({.url = "http://mine"}, user, evil)->token, "the user's");
    EXPECT_EQ(find({.url = "http://mine"}, {}, {{"GENQD_URL", "http://evil"}, {"GENQD_TOKEN", "its own"}})->token, "");
}

TEST_F(ProfilesTest, tokens_of_a_dotenv_file_without_a_url_are_taken_where_there_is_no_other) {
    const app::Environment dotenv{{"GENQD_TOKEN", "t"}};
    EXPECT_EQ(find({}, {}, dotenv)->token, "t");
    EXPECT_EQ(find({}, {{"GENQD_URL", "http://mine"}}, dotenv)->token, "t");
    EXPECT_EQ(find({}, {{"GENQD_TOKEN", "nearer"}}, dotenv)->token, "nearer");
}

}  // namespace
}  // namespace genq::cli
