#include "server/app/tokens.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "common/crypto/sha256.hpp"
#include "tests/support/temp_folder.hpp"

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
    const std::string whole = head + digest_line() + "scopes = [\"read\"]\n";
    std::string twice = whole;
    twice.append("\n").append(whole);
    for (const Case& c : {
             Case{"x = 1\n", "t:1: there is nothing but [[tokens]]"},
             Case{"[[tokens]]\nname = \"\"\n", "t:2: name has to be"},
             Case{head + "scopes = [\"read\"]\n", "t:1: sha256 has to be 64"},
             Case{head + digest_line(), "scopes has to name at least one"},
             Case{head + digest_line() + "scopes = [\"write\"]\n", "t:4: scopes takes"},
             Case{whole + "x = 1\n", "t:5: unknown key x"},
             Case{twice, "t:6: the name ci is there twice"},
             Case{head + digest_line() + "credits_per_day = -1\n", "credits_per_day has to be"},
             Case{head + digest_line() + "credits_per_day = \"many\"\n", "credits_per_day has to be"},
             Case{head + digest_line() + "max_queued = 1.5\n", "t:4: max_queued has to be a whole number"},
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
    EXPECT_EQ(info.st_mode & 0777U, ::geteuid() == 0 ? 0640U : 0600U);
    std::filesystem::remove(file);
    EXPECT_FALSE(save_tokens("/nonexistent/tokens.toml", {one}));
}

class TokensFile : public ::testing::Test {
  protected:
    [[nodiscard]] static api::Token token(const std::string& name) {
        SeededRandom random(7);
        return make_token(random, name, {})->entry;
    }
    [[nodiscard]] static struct stat info(const std::string& path) {
        struct stat result{};
        EXPECT_EQ(::stat(path.c_str(), &result), 0) << path;
        return result;
    }
    test::TempFolder folder;
    std::string file = folder / "tokens.toml";
};

TEST_F(TokensFile, keeps_the_mode_that_lets_the_service_read_it) {
    ASSERT_TRUE(save_tokens(file, {token("one")}));
    ASSERT_EQ(::chmod(file.c_str(), 0640), 0);
    ASSERT_TRUE(save_tokens(file, {token("two")}));
    EXPECT_EQ(info(file).st_mode & 0777U, 0640U);
}

TEST_F(TokensFile, that_root_makes_is_for_the_group_of_its_folder) {
    if (::geteuid() != 0) GTEST_SKIP() << "for root alone";
    ASSERT_EQ(::chown(folder.path().c_str(), 0, 12345), 0);
    ASSERT_TRUE(save_tokens(file, {token("one")}));
    EXPECT_EQ(info(file).st_gid, 12345U);
    EXPECT_EQ(info(file).st_mode & 0777U, 0640U);
    ASSERT_EQ(::chown(file.c_str(), 54321, 12346), 0);
    ASSERT_TRUE(save_tokens(file, {token("two")}));
    EXPECT_EQ(info(file).st_uid, 54321U);
    EXPECT_EQ(info(file).st_gid, 12346U);
}

TEST_F(TokensFile, loses_nothing_to_those_who_change_it_at_once) {
    std::vector<std::thread> all;
    all.reserve(8);
    for (int i = 0; i < 8; ++i) {
        all.emplace_back([this, i] {
            EXPECT_TRUE(update_tokens(file, [i](std::vector<api::Token>& tokens) -> Result<void> {
                tokens.push_back(token("t" + std::to_string(i)));
                return {};
            }));
        });
    }
    for (auto& thread : all) thread.join();
    EXPECT_EQ(load_tokens(file)->size(), 8U);
}

TEST_F(TokensFile, is_changed_where_a_symbolic_link_leads) {
    std::filesystem::create_directory(folder / "real");
    ASSERT_TRUE(save_tokens(folder / "real/tokens.toml", {}));
    std::filesystem::create_symlink("real/tokens.toml", file);
    ASSERT_TRUE(save_tokens(file, {token("one")}));
    EXPECT_TRUE(std::filesystem::is_symlink(file));
    EXPECT_EQ(load_tokens(folder / "real/tokens.toml")->size(), 1U);
}

TEST_F(TokensFile, stays_as_it_was_when_the_change_is_refused) {
    ASSERT_TRUE(save_tokens(file, {token("one")}));
    EXPECT_FALSE(update_tokens(file, [](std::vector<api::Token>& tokens) -> Result<void> {
        tokens.clear();
        return fail(errc::invalid_argument, "no");
    }));
    EXPECT_EQ(load_tokens(file)->size(), 1U);
    EXPECT_FALSE(update_tokens("/nonexistent/tokens.toml", [](auto&) -> Result<void> { return {}; }));
}

}  // namespace
}  // namespace genq::app
