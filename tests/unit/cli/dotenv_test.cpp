#include "server/cli/dotenv.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/temp_folder.hpp"

namespace genq::cli {
namespace {

TEST(Dotenv, names_the_daemon_and_its_token_and_decides_nothing_else) {
    const app::Environment expected{{"GENQD_URL", "http://a"}, {"GENQD_TOKEN", "t=u"}};
    EXPECT_EQ(parse_dotenv("# a comment\n\nGENQD_URL=http://a\nexport GENQD_TOKEN = \"t=u\"\r\nno line\n=x\n"
                           "BROWSER=./evil.sh\nLD_PRELOAD=./evil.so\nHOME=/evil\nKIE_API_KEY=k\nGENQD_URL=http://b\n"),
              expected);
}

TEST(Dotenv, takes_quotes_and_comments_off) {
    const auto url = [](const std::string& value) { return parse_dotenv("GENQD_URL=" + value)["GENQD_URL"]; };
    EXPECT_EQ(url("http://x # here"), "http://x");
    EXPECT_EQ(url("http://x\t#here"), "http://x");
    EXPECT_EQ(url("http://x/#part"), "http://x/#part");
    EXPECT_EQ(url("'http://x' # here"), "http://x");
    EXPECT_EQ(url("\"a # b\""), "a # b");
    EXPECT_EQ(url("# nothing"), "");
    EXPECT_EQ(url("\"open"), "\"open");
    EXPECT_EQ(url("'a'b"), "'a'b");
    EXPECT_EQ(url(""), "");
}

TEST(Dotenv, may_be_a_folder_or_missing) {
    const test::TempFolder folder;
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(std::filesystem::path(folder / "."));
    EXPECT_TRUE(read_dotenv().empty());
    std::filesystem::create_directory(".env");
    EXPECT_TRUE(read_dotenv().empty());
    std::filesystem::current_path(before);
}

}  // namespace
}  // namespace genq::cli
