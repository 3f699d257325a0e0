#include "server/app/tokens.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "common/crypto/sha256.hpp"

namespace genq::app {
namespace {

using ::testing::HasSubstr;

std::string digest_line() {
    return "sha256 = \"" + std::string(64, 'a') + "\"\n";
}

TEST(Tokens, of_a_missing_file_are_none) {
    EXPECT_TRUE(load_tokens("/nonexistent/tokens.toml").value().empty());
    EXPECT_TRUE(load_tokens("").value().empty());
}

TEST(Tokens, name_the_line_of_what_is_wrong) {
    struct Case {
        std::string toml, expected;
    };
    const std::string head = "[[tokens]]\nname = \"ci\"\n";
    for (const Case& c : {
             Case{"x = 1\n", "t:1: there is nothing but [[tokens]]"},
             Case{"[[tokens]]\nname = \"\"\n", "t:1: name has to be"},
             Case{head + "scopes = [\"read\"]\n", "t:1: sha256 has to be 64"},
             Case{head + digest_line(), "scopes has to name at least one"},
             Case{head + digest_line() + "scopes = [\"write\"]\n", "scopes takes"},
             Case{head + digest_line() + "scopes = [\"read\"]\nx = 1\n", "unknown key x"},
             Case{head + digest_line() + "scopes = [\"read\"]\n\n" + head + digest_line() + "scopes = [\"read\"]\n",
                  "t:6: the name ci is there twice"},
             Case{head + digest_line() + "credits_per_day = -1\n", "credits_per_day has to be"},
             Case{head + digest_line() + "credits_per_day = \"many\"\n", "credits_per_day has to be"},
             Case{head + digest_line() + "max_queued = 1.5\n", "max_queued has to be a whole number"},
             Case{head + digest_line() + "max_running = -1\n", "max_running has to be a whole number"},
             Case{"[[tokens\n", "t:1: no TOML"},
         }) {
        const auto tokens = parse_tokens(c.toml, "t");
        ASSERT_FALSE(tokens) << c.toml;
        EXPECT_THAT(tokens.error().detail, HasSubstr(c.expected));
    }
}

TEST(Tokens, are_made_from_name_and_scopes_and_kept_as_a_hash) {
    SeededRandom random(7);
    const auto made = make_token(random, "ci", {"admin", "read", "read"});
    ASSERT_TRUE(made);
    EXPECT_EQ(made->entry.sha256, crypto::sha256_hex(made->token));
    EXPECT_TRUE(made->entry.scopes.has(api::Scope::admin));
    EXPECT_TRUE(made->entry.scopes.has(api::Scope::read));
    EXPECT_FALSE(made->entry.scopes.has(api::Scope::submit));
    EXPECT_NE(make_token(random, "ci", {})->token, made->token);
    EXPECT_TRUE(make_token(random, "ci", {})->entry.scopes.has(api::Scope::submit));
    EXPECT_FALSE(make_token(random, "a b", {}));
    EXPECT_FALSE(make_token(random, "", {}));
    EXPECT_FALSE(make_token(random, "ci", {"everything"}));
}

TEST(Tokens, written_are_read_again_and_for_the_owner_only) {
    const auto file = std::filesystem::path(::testing::TempDir()) / "genqd-tokens-test.toml";
    SeededRandom random(7);
    const auto one = make_token(random, "one", {"submit"})->entry;
    auto two = make_token(random, "two", {"read", "admin"})->entry;
    two.budget = {.credits_per_day = 12'500, .max_queued = 3, .max_running = 2};
    ASSERT_TRUE(save_tokens(file.string(), {one}));
    ASSERT_TRUE(save_tokens(file.string(), {one, two}));
    const auto tokens = load_tokens(file.string());
    ASSERT_TRUE(tokens) << tokens.error().detail;
    ASSERT_EQ(tokens->size(), 2U);
    EXPECT_EQ(tokens->at(1).name, "two");
    EXPECT_EQ(tokens->at(1).sha256, two.sha256);
    EXPECT_EQ(tokens->at(0).budget.credits_per_day, 0);
    EXPECT_EQ(tokens->at(1).budget.credits_per_day, 12'500);
    EXPECT_EQ(tokens->at(1).budget.max_queued, 3);
    EXPECT_EQ(tokens->at(1).budget.max_running, 2);
    EXPECT_TRUE(tokens->at(1).scopes.has(api::Scope::admin));
    EXPECT_FALSE(tokens->at(1).scopes.has(api::Scope::submit));
    struct stat info{};
    ASSERT_EQ(::stat(file.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    std::filesystem::remove(file);
    EXPECT_FALSE(save_tokens("/nonexistent/tokens.toml", {one}));
}

}  // namespace
}  // namespace genq::app
