#include "server/app/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "server/app/tokens.hpp"

namespace genq::app {
namespace {

using ::testing::HasSubstr;

class SettingsTest : public ::testing::Test {
  protected:
    SettingsTest() : folder_(std::filesystem::path(::testing::TempDir()) / "genqd-settings-test") {
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_);
        arguments_.config_file = (folder_ / "genqd.toml").string();
        environment_["GENQD_AUTH__TOKENS_FILE"] = (folder_ / "tokens.toml").string();
        std::ofstream(arguments_.config_file) << "";
    }
    ~SettingsTest() override { std::filesystem::remove_all(folder_); }

    std::string fault() {
        const auto settings = load_settings(arguments_, environment_);
        return settings ? "" : settings.error().detail;
    }

    std::filesystem::path folder_;
    ServeArguments arguments_;
    Environment environment_;
};

TEST_F(SettingsTest, without_a_key_say_where_to_get_one) {
    EXPECT_THAT(fault(), HasSubstr("https://kie.ai/api-key"));
    EXPECT_THAT(fault(), HasSubstr("--sandbox"));
    environment_["KIE_API_KEY"] = "k\x01y";
    EXPECT_THAT(fault(), HasSubstr("characters"));
    environment_["KIE_API_KEY"] = "key";
    EXPECT_EQ(fault(), "");
}

TEST_F(SettingsTest, bind_to_others_only_with_tokens_or_when_told_to) {
    environment_["KIE_API_KEY"] = "key";
    arguments_.listen = {"127.0.0.1:0", "0.0.0.0:8080"};
    EXPECT_THAT(fault(), HasSubstr("0.0.0.0:8080 is for others too"));
    arguments_.insecure = true;
    EXPECT_EQ(fault(), "");
    arguments_.insecure = false;
    SeededRandom random(1);
    ASSERT_TRUE(save_tokens(environment_["GENQD_AUTH__TOKENS_FILE"], {make_token(random, "ci", {})->entry}));
    EXPECT_EQ(fault(), "");
}

TEST_F(SettingsTest, know_which_addresses_are_local) {
    for (const char* local : {"127.0.0.1:80", "127.8.9.1:0", "[::1]:80", "localhost:80", "unix:/run/x.sock"}) {
        EXPECT_TRUE(is_local_address(local)) << local;
    }
    for (const char* other : {"0.0.0.0:80", "[::]:80", "10.0.0.1:80", "example.com:80", ":80", "192.168.1.1:1"}) {
        EXPECT_FALSE(is_local_address(other)) << other;
    }
}

TEST_F(SettingsTest, of_the_sandbox_need_no_key_and_keep_away_from_the_real_state) {
    arguments_.sandbox = true;
    arguments_.sandbox_speed = 10;
    environment_["KIE_API_KEY"] = "real";
    environment_["GENQD_STATE__DIR"] = "/var/lib/genqd";
    auto settings = load_settings(arguments_, environment_);
    ASSERT_TRUE(settings) << settings.error().detail;
    EXPECT_EQ(settings->config.state.dir, "genqd-sandbox");
    EXPECT_EQ(settings->api_key, "sandbox");
    const auto options = engine_options(*settings, "http://127.0.0.1:1");
    EXPECT_EQ(options.base_url, "http://127.0.0.1:1");
    EXPECT_TRUE(options.allow_private);
    EXPECT_EQ(options.poll.at(0).first, std::chrono::milliseconds(300));
    arguments_.state_dir = "/tmp/elsewhere";
    EXPECT_EQ(load_settings(arguments_, environment_)->config.state.dir, "/tmp/elsewhere");
}

TEST_F(SettingsTest, let_the_command_line_win) {
    environment_["KIE_API_KEY"] = "key";
    environment_["GENQD_LOG__LEVEL"] = "warn";
    arguments_.log_level = "debug";
    arguments_.log_format = "json";
    arguments_.listen = {"127.0.0.1:9"};
    const auto settings = load_settings(arguments_, environment_);
    ASSERT_TRUE(settings);
    EXPECT_EQ(log_level(settings->config), log::Level::debug);
    EXPECT_EQ(log_format(settings->config), log::Format::json);
    EXPECT_EQ(server_options(settings->config).listen, arguments_.listen);
    EXPECT_EQ(api_options(settings->config).host_names, std::vector<std::string>{"127.0.0.1"});
}

TEST_F(SettingsTest, of_callbacks_reach_the_engine_and_the_host_check) {
    environment_["KIE_API_KEY"] = "key";
    auto plain = load_settings(arguments_, environment_);
    ASSERT_TRUE(plain);
    EXPECT_FALSE(engine_options(*plain, "").unknown_grace) << "unset: it depends on the job";
    environment_["GENQD_CALLBACKS__PUBLIC_URL"] = "https://hooks.example:8443/genqd";
    environment_["GENQD_CALLBACKS__HMAC_KEY"] = "hush";
    environment_["GENQD_UPSTREAM__UNKNOWN_GRACE_S"] = "0";
    const auto settings = load_settings(arguments_, environment_);
    ASSERT_TRUE(settings) << settings.error().detail;
    const auto options = engine_options(*settings, "");
    EXPECT_EQ(options.callback_url, "https://hooks.example:8443/genqd");
    EXPECT_EQ(options.callback_key, "hush");
    EXPECT_EQ(options.unknown_grace, std::chrono::seconds(0));
    EXPECT_EQ(api_options(settings->config).host_names.back(), "hooks.example");
    environment_["GENQD_CALLBACKS__HMAC_KEY_FILE"] = "/nonexistent";
    environment_.erase("GENQD_CALLBACKS__HMAC_KEY");
    EXPECT_THAT(fault(), HasSubstr("/nonexistent"));
}

}  // namespace
}  // namespace genq::app
