#include "server/app/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "server/app/tokens.hpp"

namespace genq::app {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class SettingsTest : public ::testing::Test {
  protected:
    SettingsTest() : folder_(std::filesystem::path(::testing::TempDir()) / "genqd-settings-test") {
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_);
        arguments_.config_file = (folder_ / "genqd.toml").string();
        environment_["GENQD_AUTH__TOKENS_FILE"] = "";
        std::ofstream(arguments_.config_file) << "";
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string fault() {
        const auto settings = load_settings(arguments_, environment_);
        return settings ? "" : settings.error().detail;
    }

    void have_token(const api::Token& token) {
        const auto file = (folder_ / "tokens.toml").string();
        ASSERT_TRUE(save_tokens(file, {token}));
        environment_["GENQD_AUTH__TOKENS_FILE"] = file;
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

TEST_F(SettingsTest, name_the_place_of_models_that_cannot_be_read) {
    environment_["KIE_API_KEY"] = "key";
    std::ofstream(arguments_.config_file) << "\n[models]\ndir = \"/nonexistent\"\n";
    EXPECT_THAT(fault(), StartsWith(arguments_.config_file + ":3: models.dir: can't list the models in /nonexistent"));
}

TEST_F(SettingsTest, bind_to_others_only_with_tokens_or_when_told_to) {
    environment_["KIE_API_KEY"] = "key";
    arguments_.listen = {"127.0.0.1:0", "0.0.0.0:8080"};
    EXPECT_THAT(fault(), HasSubstr("0.0.0.0:8080 is for others too"));
    arguments_.insecure = true;
    EXPECT_EQ(fault(), "");
    arguments_.insecure = false;
    SeededRandom random(1);
    have_token(make_token(random, "ci", {})->entry);
    EXPECT_EQ(fault(), "");
}

TEST_F(SettingsTest, hand_budgets_to_the_api_and_the_engine) {
    environment_["KIE_API_KEY"] = "key";
    environment_["GENQD_BUDGET__CREDITS_PER_DAY"] = "1000.5";
    environment_["GENQD_BUDGET__MAX_QUEUED"] = "7";
    environment_["GENQD_BUDGET__MAX_RUNNING"] = "9";
    environment_["GENQD_BUDGET__UNKNOWN_CREDITS"] = "20";
    SeededRandom random(1);
    auto entry = make_token(random, "ci", {})->entry;
    entry.budget = {.credits_per_day = 5'000, .max_queued = 3, .max_running = 2};
    have_token(entry);
    const auto settings = load_settings(arguments_, environment_);
    ASSERT_TRUE(settings) << settings.error().detail;
    const auto admission = token_set(*settings)->admission("ci", 3.5);
    EXPECT_EQ(admission.daemon.credits_per_day, 1'000'500);
    EXPECT_EQ(admission.daemon.max_queued, 7);
    EXPECT_EQ(admission.caller.credits_per_day, 5'000);
    EXPECT_EQ(admission.caller.max_queued, 3);
    EXPECT_EQ(admission.price, 3'500);
    EXPECT_EQ(admission.unknown_credits, 20'000);
    EXPECT_EQ(token_set(*settings)->admission("anonymous", {}).caller.credits_per_day, 0);
    const auto options = engine_options(*settings, "http://127.0.0.1:1");
    EXPECT_EQ(options.max_concurrent_tasks, 9);
    EXPECT_EQ(options.max_running.at("ci"), 2);
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

TEST_F(SettingsTest, of_callbacks_reach_the_engine) {
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
    environment_["GENQD_CALLBACKS__HMAC_KEY_FILE"] = "/nonexistent";
    environment_.erase("GENQD_CALLBACKS__HMAC_KEY");
    EXPECT_THAT(fault(), HasSubstr("/nonexistent"));
}

TEST_F(SettingsTest, know_a_malformed_address_of_the_command_line_for_what_it_is) {
    environment_["KIE_API_KEY"] = "k";
    for (const std::string address : {"foo", "127.0.0.1", "127.0.0.1:99999", "unix:", "::1:80"}) {
        arguments_.listen = {address};
        EXPECT_THAT(fault(), HasSubstr("--listen " + address + ": http.listen has to be a list of addresses"));
    }
}

class CheckTest : public SettingsTest {
  protected:
    /// What is said of a configuration with this text; "" if it is good.
    std::string said(const std::string& text, bool insecure = false) {
        std::ofstream(arguments_.config_file, std::ios::trunc) << text;
        const auto checked = check_config(arguments_.config_file, insecure, environment_);
        return checked ? "" : checked.error().detail;
    }
    [[nodiscard]] std::string at(int line, std::string_view key) const {
        return arguments_.config_file + ":" + std::to_string(line) + ": " + std::string(key) + ": ";
    }
    [[nodiscard]] std::string file(const std::string& name, const std::string& text) const {
        std::ofstream(folder_ / name) << text;
        return (folder_ / name).string();
    }
    void make_certificate(const std::string& name) const {
        const auto path = (folder_ / name).string();
        const std::string command =
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=x -keyout " + path +
            ".key -out " + path + ".pem >/dev/null 2>&1";
        ASSERT_EQ(std::system(command.c_str()), 0);
    }
};

TEST_F(CheckTest, finds_what_is_wrong_with_the_files_of_tls) {
    make_certificate("one");
    make_certificate("two");
    const auto tls = [&](const std::string& cert, const std::string& key) {
        return said("[http]\ntls_cert = \"" + (folder_ / cert).string() + "\"\ntls_key = \"" +
                    (folder_ / key).string() + "\"\n");
    };
    EXPECT_EQ(tls("one.pem", "one.key"), "");
    EXPECT_THAT(tls("none.pem", "one.key"), StartsWith(at(2, "http.tls_cert")));
    EXPECT_THAT(tls("one.key", "one.key"), StartsWith(at(2, "http.tls_cert")));
    EXPECT_THAT(tls("one.pem", "none.key"), StartsWith(at(3, "http.tls_key")));
    EXPECT_THAT(tls("one.pem", "two.key"), StartsWith(at(3, "http.tls_key")));
}

TEST_F(CheckTest, finds_what_is_wrong_with_the_other_files) {
    environment_.erase("GENQD_AUTH__TOKENS_FILE");
    EXPECT_THAT(said("[models]\ndir = \"" + (folder_ / "none").string() + "\"\n"), StartsWith(at(2, "models.dir")));
    EXPECT_THAT(said("\n[auth]\ntokens_file = \"" + file("tokens.toml", "[[tokens]]\nname = 1\n") + "\"\n"),
                StartsWith(at(3, "auth.tokens_file")));
    EXPECT_THAT(said("[upstream]\napi_key_file = \"" + file("key", "\n") + "\"\n"),
                StartsWith(at(2, "upstream.api_key_file")));
    EXPECT_THAT(said("[upstream]\napi_key_file = \"" + file("key", "a b\n") + "\"\n"), HasSubstr("no key has"));
}

TEST_F(CheckTest, refuses_addresses_for_others_without_tokens_as_serve_does) {
    const std::string text = "[http]\nlisten = [\"0.0.0.0:8080\"]\n";
    EXPECT_THAT(said(text), StartsWith(at(2, "http.listen")));
    EXPECT_EQ(said(text, true), "");
}

TEST_F(CheckTest, names_line_and_key_of_a_file_with_a_secret_that_is_not_there) {
    EXPECT_EQ(said("\n[callbacks]\nhmac_key_file = \"/nowhere\"\n"),
              at(3, "callbacks.hmac_key_file") + "/nowhere can't be read: No such file or directory");
    EXPECT_THAT(said("[webhooks]\nsecrets = [\"hunter2\"]\n"), StartsWith(at(2, "webhooks.secrets")));
    EXPECT_THAT(said("[webhooks]\nsecrets_file = \"/nowhere\"\n"), StartsWith(at(2, "webhooks.secrets_file")));
    EXPECT_THAT(said("[tracing]\nheaders = [\"hunter2\"]\n"), StartsWith(at(2, "tracing.headers")));
    environment_["GENQD_TRACING__HEADERS"] = "hunter2";
    EXPECT_THAT(said(""), StartsWith("GENQD_TRACING__HEADERS: tracing.headers: header 1 of 1"));
    environment_.erase("GENQD_TRACING__HEADERS");
    environment_["KIE_API_KEY_FILE"] = "/nowhere";
    EXPECT_THAT(said(""), StartsWith("KIE_API_KEY_FILE: /nowhere can't be read"));
}

TEST_F(CheckTest, refuses_a_secret_beside_the_file_that_it_is_in) {
    const std::string both = "[callbacks]\nhmac_key = \"hunter2\"\nhmac_key_file = \"/nowhere\"\n";
    EXPECT_EQ(said(both), arguments_.config_file +
                              ":3: callbacks.hmac_key and callbacks.hmac_key_file exclude each other: set one of them");
    EXPECT_THAT(said("[webhooks]\nsecrets = [\"x\"]\nsecrets_file = \"y\"\n"), HasSubstr("exclude each other"));
    EXPECT_THAT(said("[tracing]\nheaders = [\"x: y\"]\nheaders_file = \"y\"\n"), HasSubstr("exclude each other"));
    environment_["GENQD_CALLBACKS__HMAC_KEY"] = "hush";
    EXPECT_EQ(said("[callbacks]\nhmac_key_file = \"/nowhere\"\n"), "") << "a variable wins over the file";
}

TEST_F(CheckTest, names_the_key_of_a_webhook_secret_that_is_none) {
    const std::string good = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    EXPECT_EQ(said("[webhooks]\nsecrets = [\"" + good + "\"]\nallow_cidrs = [\"10.0.0.0/8\"]\n"), "");
    EXPECT_THAT(said("[webhooks]\nsecrets = [\"" + good + "\", \"hunter2\"]\n"),
                AllOf(HasSubstr("webhooks.secrets: secret 2 of 2"), Not(HasSubstr("hunter2"))));
    EXPECT_THAT(said("[webhooks]\nsecrets_file = \"/nowhere\"\n"), HasSubstr("webhooks.secrets_file: /nowhere"));
    EXPECT_THAT(said("[webhooks]\nallow_cidrs = [\"10.0.0.0/40\"]\n"), HasSubstr("webhooks.allow_cidrs"));
}

TEST_F(CheckTest, names_the_key_of_a_header_of_traces_that_is_none) {
    const std::string on = "[tracing]\notlp_url = \"http://localhost:4318\"\n";
    const std::string two = on + "headers = [\"A: b\", \"";
    EXPECT_EQ(said(on + "headers = [\"Authorization: Bearer x\"]\nservice_name = \"studio\"\n"), "");
    EXPECT_EQ(said(on + "headers_file = \"" + file("headers", "A: b, X-Key: hunter2\n") + "\"\n"), "");
    for (const std::string bad : {"hunter2", ": hunter2", "A b: hunter2", "A:", "A: hunter2\\n"}) {
        EXPECT_THAT(said(two + bad + "\"]\n"),
                    AllOf(HasSubstr("tracing.headers: header 2 of 2"), Not(HasSubstr("hunter2"))))
            << bad;
    }
    EXPECT_THAT(said(on + "headers_file = \"/nowhere\"\n"), HasSubstr("tracing.headers_file: /nowhere"));
    EXPECT_THAT(said("[tracing]\notlp_url = \"localhost:4318\"\n"),
                HasSubstr("genqd.toml:2: tracing.otlp_url has to be"));
    EXPECT_THAT(said("[tracing]\notlp_url = \"http://ann:x@h/\"\n"),
                HasSubstr("genqd.toml:2: tracing.otlp_url has to be"));
    environment_["GENQD_TRACING__HEADERS"] = "A: b,C: d";
    EXPECT_EQ(said(on), "");
}

TEST_F(CheckTest, names_a_section_that_there_is_not) {
    EXPECT_THAT(said("[hooks]\nsecrets = []\n"), HasSubstr("genqd.toml:1: unknown section hooks; there are: http"));
    EXPECT_THAT(said("[upstream]\ndownload_url = \"x\"\n"),
                HasSubstr("genqd.toml:2: unknown key upstream.download_url"));
    environment_["GENQD_LIMITS__BUDGET"] = "1";
    EXPECT_THAT(said(""), HasSubstr("GENQD_LIMITS__BUDGET: no such key"));
    environment_.erase("GENQD_LIMITS__BUDGET");
    environment_["GENQD_LIMITS_REQUESTS"] = "5";
    environment_["GENQD_POLL_IMAGE_FIRST_S"] = "5";
    environment_["GENQD_HTTP_PORT"] = "80";
    environment_["GENQD_URL"] = "http://127.0.0.1:1";
    environment_["GENQD_TOKEN_FILE"] = "token";
    EXPECT_EQ(said(""),
              "GENQD_HTTP_PORT: no such key; variables are named GENQD_<SECTION>__<KEY>\n"
              "GENQD_LIMITS_REQUESTS: no such key; limits.requests is written GENQD_LIMITS__REQUESTS\n"
              "GENQD_POLL_IMAGE_FIRST_S: no such key; poll.image.first_s is written GENQD_POLL__IMAGE__FIRST_S");
}

}  // namespace
}  // namespace genq::app
