#include "server/app/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "server/app/config_keys.hpp"
#include "server/app/secrets.hpp"

namespace genq::app {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string fault_of(std::string_view toml, const Environment& environment = {}) {
    const auto loaded = parse_config(toml, "genqd.toml", environment);
    return loaded ? "" : loaded.error().detail;
}

TEST(Config, has_a_default_for_every_key_that_its_own_rules_allow) {
    const Config defaults;
    for (const Key& key : config_keys()) {
        const auto text = to_toml(key, defaults);
        const auto toml = "[" + std::string(key.section) + "]\n" + std::string(key.name) + " = " + text + "\n";
        const auto loaded = parse_config(toml, "t", {});
        ASSERT_TRUE(loaded) << loaded.error().detail;
        EXPECT_EQ(to_toml(key, loaded->config), text) << key.path();
        EXPECT_EQ(loaded->origins.size(), 1U);
    }
}

TEST(Config, reads_every_kind_of_value) {
    const auto loaded = parse_config(
        "[http]\nlisten = [\"127.0.0.1:1\", \"unix:/x\"]\nreadyz_open = false\n[limits]\nrequests = 7\n"
        "[poll.video]\nfirst_s = 2.5\ninterval_s = 4\n[database]\nsynchronous = \"normal\"\n",
        "genqd.toml", {});
    ASSERT_TRUE(loaded) << loaded.error().detail;
    EXPECT_EQ(loaded->config.http.listen, (std::vector<std::string>{"127.0.0.1:1", "unix:/x"}));
    EXPECT_FALSE(loaded->config.http.readyz_open);
    EXPECT_EQ(loaded->config.limits.requests, 7);
    EXPECT_EQ(loaded->config.poll.video.first_s, 2.5);
    EXPECT_EQ(loaded->config.poll.video.interval_s, 4);
    EXPECT_EQ(loaded->config.poll.image.first_s, 3);
    EXPECT_EQ(loaded->config.database.synchronous, "normal");
    EXPECT_EQ(loaded->origins.at("limits.requests"), "genqd.toml:5");
}

TEST(Config, names_file_line_key_and_what_is_allowed) {
    struct Case {
        std::string_view toml, expected;
    };
    for (const Case& c : {
             Case{"[http]\n\nmax_connections = 0\n",
                  "genqd.toml:3: http.max_connections has to be a whole number from 1 to 100000"},
             Case{"[http]\nlisten = \"x\"\n",
                  "genqd.toml:2: http.listen has to be a list of addresses (host:port, [v6]:port, unix:/path) with at "
                  "least one "
                  "entry"},
             Case{"[http]\nlisten = [\"127.0.0.1\"]\n", "genqd.toml:2: http.listen has to be"},
             Case{"[http]\nlisten = [\"127.0.0.1:99999\"]\n", "genqd.toml:2: http.listen has to be"},
             Case{"[http]\nlisten = [\"::1:80\"]\n", "genqd.toml:2: http.listen has to be"},
             Case{"[http]\nlisten = [\"unix:\"]\n", "genqd.toml:2: http.listen has to be"},
             Case{"[http]\nlisten = []\n", "genqd.toml:2: http.listen has to be"},
             Case{"[http]\nlisten = [1]\n", "genqd.toml:2: http.listen has to be"},
             Case{"[http]\nreadyz_open = 1\n", "genqd.toml:2: http.readyz_open has to be true or false"},
             Case{"[database]\nsynchronous = \"off\"\n", "database.synchronous has to be \"full\" or \"normal\""},
             Case{"[limits]\nrequests = 20.5\n", "limits.requests has to be a whole number"},
             Case{"[poll.image]\nfirst_s = nan\n", "poll.image.first_s has to be a number from 0.05 to 3600"},
             Case{"[poll.image]\nfirst_s = \"3\"\n", "poll.image.first_s has to be a number"},
             Case{"[upstream]\nbase_url = \"ftp://x\"\n", "upstream.base_url has to be an http:// or https:// URL"},
             Case{"[upstream]\nuser_agent = \"a\\nb\"\n", "upstream.user_agent has to be printable ASCII text"},
             Case{"[http]\nport = 1\n", "genqd.toml:2: unknown key http.port; [http] has: listen, public_url"},
             Case{"[htpp]\nport = 1\n", "genqd.toml:1: unknown section htpp; there are: http, state, database"},
             Case{"listen = 1\n", "genqd.toml:1: unknown key listen"},
             Case{"http = 1\n", "genqd.toml:1: http is a section: write [http]"},
             Case{"[poll.music]\nfirst_s = 1\n", "unknown key poll.music; [poll] has: image, video, audio, midjourney"},
             Case{"[http\n", "genqd.toml:1: no TOML: "},
             Case{"[retention]\nkeep_labels = [\"spring\"]\n", "labels (key=value)"},
             Case{"[shutdown]\ngrace_s = 30\n",
                  "genqd.toml:2: shutdown.grace_s (30) has to be more than upstream.timeout_s (30)"},
             Case{"[callbacks]\npublic_url = \"https://x/?a\"\n",
                  "genqd.toml:2: callbacks.public_url has to be an http:// or https:// URL without"},
             Case{"[callbacks]\npublic_url = \"https://:1\"\n", "callbacks.public_url has to be an http://"},
             Case{"[upstream]\nunknown_grace_s = -2\n", "upstream.unknown_grace_s has to be a whole number from -1"},
             Case{"[http]\npublic_url = \"https://a.b/?x\"\n", "genqd.toml:2: http.public_url has to be an http://"},
             Case{"[upstream]\nbase_url = \"https://a.b/?x\"\n", "genqd.toml:2: upstream.base_url has to be"},
             Case{"[http]\ncors_origins = [\"nonsense\"]\n", "genqd.toml:2: http.cors_origins has to be a list of"},
             Case{"[http]\ncors_origins = [\"https://a.b/\"]\n", "origins (https://example.com, nothing behind it)"},
             Case{"[webhooks]\nallow_cidrs = [\"::ffff:127.0.0.0/104\"]\n", "none of ::ffff:0:0/96"},
             Case{"[http]\ntls_cert = \"/x\"\n", "genqd.toml:2: http.tls_cert and http.tls_key go together"},
         }) {
        EXPECT_THAT(fault_of(c.toml), HasSubstr(std::string(c.expected))) << c.toml;
    }
}

TEST(Config, takes_the_origins_that_browsers_send) {
    EXPECT_EQ(fault_of("[http]\ncors_origins = [\"https://a.b:8443\", \"chrome-extension://x\", \"null\", \"*\"]\n"),
              "");
}

TEST(Config, tells_all_faults_at_once) {
    const auto text = fault_of("[http]\nlisten = 1\nport = 2\n", {{"GENQD_LIMITS__REQUESTS", "many"}});
    EXPECT_THAT(text, HasSubstr("genqd.toml:2: http.listen"));
    EXPECT_THAT(text, HasSubstr("\ngenqd.toml:3: unknown key http.port"));
    EXPECT_THAT(text, HasSubstr("\nGENQD_LIMITS__REQUESTS: limits.requests has to be a whole number from 1 to 10000"));
}

TEST(Config, lets_variables_win_over_the_file) {
    const auto loaded = parse_config("[limits]\nrequests = 7\n[http]\nreadyz_open = true\n", "f",
                                     {{"GENQD_LIMITS__REQUESTS", "9"},
                                      {"GENQD_POLL__IMAGE__FIRST_S", "0.5"},
                                      {"GENQD_HTTP__LISTEN", "127.0.0.1:1, unix:/x"},
                                      {"GENQD_HTTP__READYZ_OPEN", "false"},
                                      {"GENQD_STATE__DIR", "/tmp/x"},
                                      {"GENQD_URL", "not a key"},
                                      {"OTHER__KEY", "1"}});
    ASSERT_TRUE(loaded) << loaded.error().detail;
    EXPECT_EQ(loaded->config.limits.requests, 9);
    EXPECT_EQ(loaded->config.poll.image.first_s, 0.5);
    EXPECT_EQ(loaded->config.http.listen, (std::vector<std::string>{"127.0.0.1:1", "unix:/x"}));
    EXPECT_FALSE(loaded->config.http.readyz_open);
    EXPECT_EQ(loaded->config.state.dir, "/tmp/x");
    EXPECT_EQ(loaded->origins.at("limits.requests"), "GENQD_LIMITS__REQUESTS");
}

TEST(Config, refuses_variables_of_no_key) {
    EXPECT_THAT(fault_of("", {{"GENQD_HTTP__PORT", "1"}}), StartsWith("GENQD_HTTP__PORT: no such key"));
    EXPECT_THAT(fault_of("", {{"GENQD_HTTP__LISTEN", " "}}), HasSubstr("GENQD_HTTP__LISTEN: http.listen has to be"));
    EXPECT_THAT(fault_of("", {{"GENQD_HTTP__LISTEN", "a,,b"}}), HasSubstr("GENQD_HTTP__LISTEN: http.listen has to be"));
    EXPECT_THAT(fault_of("", {{"GENQD_LIMITS__REQUESTS", "1x"}}), HasSubstr("GENQD_LIMITS__REQUESTS"));
}

TEST(Config, takes_a_missing_default_file_but_no_missing_named_one) {
    if (!std::filesystem::exists(default_config_file)) {
        EXPECT_TRUE(load_config("", {}));
    }
    const auto named = load_config("/nonexistent/genqd.toml", {});
    ASSERT_FALSE(named);
    EXPECT_EQ(named.error().code, errc::not_found);
    EXPECT_THAT(named.error().detail, StartsWith("/nonexistent/genqd.toml: "));
}

TEST(Config, shows_each_key_with_its_origin) {
    const auto loaded = parse_config("[limits]\nrequests = 7\n", "f.toml", {{"GENQD_LOG__LEVEL", "debug"}});
    ASSERT_TRUE(loaded);
    const auto text = render_config(*loaded, false);
    EXPECT_THAT(text, HasSubstr("[limits]\nrequests = 7  # f.toml:2\nwindow_s = 10\n"));
    EXPECT_THAT(text, HasSubstr("level = \"debug\"  # GENQD_LOG__LEVEL\n"));
    EXPECT_TRUE(parse_config(text, "again", {}));
}

TEST(Config, finds_the_key_in_its_places_in_order) {
    Config config;
    const auto folder = std::filesystem::path(::testing::TempDir()) / "genqd-config-test";
    std::filesystem::create_directories(folder);
    const auto write = [&](const char* name, const char* text) {
        const auto path = (folder / name).string();
        std::FILE* file = std::fopen(path.c_str(), "w");
        std::fputs(text, file);
        std::fclose(file);
        return path;
    };
    EXPECT_EQ(find_api_key(config, {}).value(), "");
    config.upstream.api_key_file = write("from_config", "  c\n");
    EXPECT_EQ(find_api_key(config, {}).value(), "c");
    Environment environment{{"CREDENTIALS_DIRECTORY", folder.string()}};
    EXPECT_EQ(find_api_key(config, environment).value(), "c");
    write("kie_api_key", "b\n");
    EXPECT_EQ(find_api_key(config, environment).value(), "b");
    environment["KIE_API_KEY_FILE"] = write("named", "a");
    EXPECT_EQ(find_api_key(config, environment).value(), "a");
    environment["KIE_API_KEY"] = "direct";
    EXPECT_EQ(find_api_key(config, environment).value(), "direct");
    EXPECT_FALSE(find_api_key(config, {{"KIE_API_KEY_FILE", "/nonexistent"}}));
    EXPECT_FALSE(find_api_key(config, {{"KIE_API_KEY_FILE", write("empty", "\n")}}));
    std::filesystem::remove_all(folder);
}

TEST(Config, finds_the_callback_key_in_its_places_in_order_and_never_shows_it) {
    const auto folder = std::filesystem::path(::testing::TempDir()) / "genqd-callback-key-test";
    std::filesystem::create_directories(folder);
    const auto write = [&](const char* name, const char* text) {
        const auto path = (folder / name).string();
        std::FILE* file = std::fopen(path.c_str(), "w");
        std::fputs(text, file);
        std::fclose(file);
        return path;
    };
    Config config;
    EXPECT_EQ(find_callback_key(config, {}).value(), "");
    config.callbacks.hmac_key_file = write("file", "c\n");
    EXPECT_EQ(find_callback_key(config, {}).value(), "c");
    const Environment environment{{"CREDENTIALS_DIRECTORY", folder.string()}};
    EXPECT_EQ(find_callback_key(config, environment).value(), "c");
    write("callbacks_hmac_key", "b\n");
    EXPECT_EQ(find_callback_key(config, environment).value(), "b");
    const auto loaded = parse_config("", "f", {{"GENQD_CALLBACKS__HMAC_KEY", "hush"}});
    ASSERT_TRUE(loaded);
    EXPECT_EQ(find_callback_key(loaded->config, environment).value(), "hush");
    EXPECT_EQ(render_config(*loaded, false).find("hush"), std::string::npos);
    EXPECT_THAT(render_config(*loaded, false),
                HasSubstr("hmac_key = \"(set; not shown)\"  # GENQD_CALLBACKS__HMAC_KEY"));
    config.callbacks.hmac_key_file = "/nonexistent";
    EXPECT_FALSE(find_callback_key(config, {}));
    std::filesystem::remove_all(folder);
}

TEST(Config, takes_the_headers_of_traces_from_where_secrets_come_from) {
    const auto folder = std::filesystem::temp_directory_path() / "genqd-trace-headers-test";
    std::filesystem::create_directories(folder);
    const auto write = [&folder](const char* name, const std::string& text) {
        std::ofstream(folder / name) << text;
        return (folder / name).string();
    };
    Config config;
    EXPECT_EQ(find_trace_headers(config, {}).value().size(), 0U);
    config.tracing.headers_file = write("file", "Authorization: Bearer a:b , X-Team:studio\n");
    const auto from_file = find_trace_headers(config, {}).value();
    EXPECT_EQ(from_file.get("Authorization"), "Bearer a:b");
    EXPECT_EQ(from_file.get("X-Team"), "studio");
    const Environment environment{{"CREDENTIALS_DIRECTORY", folder.string()}};
    EXPECT_EQ(find_trace_headers(config, environment).value().get("X-Team"), "studio");
    write("tracing_headers", "X-Team: press\n");
    EXPECT_EQ(find_trace_headers(config, environment).value().get("X-Team"), "press");
    const auto loaded = parse_config("", "f", {{"GENQD_TRACING__HEADERS", "X-Team: hush"}});
    ASSERT_TRUE(loaded);
    EXPECT_EQ(find_trace_headers(loaded->config, environment).value().get("X-Team"), "hush");
    EXPECT_EQ(render_config(*loaded, false).find("hush"), std::string::npos);
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace genq::app
