#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/e2e/daemon.hpp"
#include "tests/e2e/http_user.hpp"
#include "tests/e2e/notify_socket.hpp"

namespace genq::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Serve, drains_on_a_signal_and_exits_with_zero) {
    for (const int number : {SIGTERM, SIGINT}) {
        Daemon daemon;
        ASSERT_TRUE(daemon.start());
        daemon.process().signal(number);
        EXPECT_EQ(daemon.process().wait(), 0) << daemon.process().err();
        EXPECT_THAT(daemon.process().err(), HasSubstr("stopped"));
    }
}

TEST(Serve, shows_that_it_drains_and_takes_nothing_new_while_a_create_is_in_flight) {
    Daemon daemon({"--sandbox-faults", "faults.json"});
    std::ofstream(daemon.folder() / "faults.json")
        << R"([{"match":{"model":"google/imagen4"},"do":"delay_ms","ms":25000}])";
    NotifySocket socket(daemon.folder() / "notify.sock");
    ASSERT_TRUE(daemon.start({{"NOTIFY_SOCKET", socket.path()}}));
    ASSERT_TRUE(socket.wait_for("READY=1"));
    HttpUser user;
    const auto ask = [&](std::string method, const std::string& target, http::Fields headers = {},
                         std::string body = "") {
        headers.set("Content-Type", "application/json");
        return user
            .send({std::move(method), daemon.url() + target, std::move(headers), std::move(body)},
                  std::chrono::seconds(60))
            .value();
    };
    const std::string job = R"({"model":"google/imagen4","input":{"prompt":"x"}})";
    const auto accepted = ask("POST", "/v1/jobs", {}, job);
    ASSERT_EQ(accepted.status, 202);
    const std::string self(accepted.headers.get("Location"));
    // Each look waits for a change, so this is no busy loop.
    for (auto seen = accepted; seen.body.find(R"("status":"submitting")") == std::string::npos;) {
        ASSERT_NE(seen.status / 100, 5) << seen.body;
        seen = ask("GET", self + "?wait=60", {{"If-None-Match", std::string(seen.headers.get("ETag"))}});
    }
    daemon.process().signal(SIGTERM);
    ASSERT_TRUE(socket.wait_for("STOPPING=1"));

    const auto ready = ask("GET", "/readyz");
    EXPECT_EQ(ready.status, 503);
    EXPECT_THAT(ready.body, HasSubstr(R"("status":"failing")"));
    EXPECT_THAT(ready.body, HasSubstr("the daemon is stopping"));
    EXPECT_EQ(ready.headers.get("Connection"), "close");
    EXPECT_EQ(ask("GET", "/healthz").status, 200);
    EXPECT_THAT(ask("GET", self).body, HasSubstr(R"("status":"submitting")"));
    for (const auto& target : {std::string("/v1/jobs"), self + "/cancel", std::string("/v1/queue/pause")}) {
        const auto refused = ask("POST", target, {}, target == "/v1/jobs" ? job : "");
        EXPECT_EQ(refused.status, 503) << target;
        EXPECT_THAT(refused.body, HasSubstr(R"("code":"overloaded")"));
        EXPECT_TRUE(refused.headers.has("Retry-After"));
    }
    EXPECT_EQ(ask("DELETE", self).status, 503);
    // The rest of the create's time is nothing to wait for.
    daemon.process().signal(SIGTERM);
    EXPECT_EQ(daemon.process().wait(), 1);
}

TEST(Serve, is_not_held_up_by_a_connection_that_idles) {
    Daemon daemon;
    ASSERT_TRUE(daemon.start());
    HttpUser user;
    ASSERT_EQ(user.get(daemon.url() + "/healthz").value().status, 200);
    daemon.process().signal(SIGTERM);
    // Less than connections may idle (75 s).
    EXPECT_EQ(daemon.process().wait(std::chrono::seconds(60)), 0);
}

TEST(Serve, keeps_its_state_to_itself) {
    Daemon daemon;
    ASSERT_TRUE(daemon.start());
    struct stat info{};
    ASSERT_EQ(::stat(daemon.state().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0700U);
}

TEST(Serve, refuses_a_state_directory_that_another_daemon_uses) {
    Daemon daemon;
    ASSERT_TRUE(daemon.start());
    const auto second =
        run({"serve", "--sandbox", "--state", daemon.state(), "--listen", "127.0.0.1:0"}, daemon.folder());
    EXPECT_EQ(second.code, 3);
    EXPECT_THAT(second.err, HasSubstr("in use by another genqd"));
    EXPECT_EQ(daemon.client({"list"}).code, 0);
}

TEST(Serve, without_a_key_says_where_to_get_one) {
    TempFolder folder;
    const auto outcome = run({"serve", "--state", (folder.path() / "state").string()}, folder.path());
    EXPECT_EQ(outcome.code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("https://kie.ai/api-key"));
    EXPECT_THAT(outcome.err, HasSubstr("--sandbox"));
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "state"));
}

TEST(Serve, does_not_serve_others_without_tokens) {
    TempFolder folder;
    const auto outcome = run({"serve", "--sandbox", "--listen", "0.0.0.0:0"}, folder.path());
    EXPECT_EQ(outcome.code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("--insecure"));
}

TEST(Serve, names_what_is_wrong_with_the_configuration) {
    TempFolder folder;
    const auto outcome = run({"serve", "--sandbox"}, folder.path(), {{"GENQD_LIMITS__REQUESTS", "none"}});
    EXPECT_EQ(outcome.code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("GENQD_LIMITS__REQUESTS: limits.requests has to be"));
    EXPECT_EQ(run({"serve", "--config", "nowhere.toml"}, folder.path()).code, 2);
    EXPECT_EQ(run({"serve", "--no-such-option"}, folder.path()).code, 2);
    EXPECT_EQ(run({"config", "check", "--config", "nowhere.toml"}, folder.path()).code, 2);
}

TEST(Serve, fails_when_its_address_is_taken) {
    Daemon daemon;
    ASSERT_TRUE(daemon.start());
    const auto outcome = run({"serve", "--sandbox", "--listen", daemon.url().substr(7)}, daemon.folder());
    EXPECT_EQ(outcome.code, 1);
    EXPECT_THAT(outcome.err, HasSubstr(daemon.url().substr(7)));
    EXPECT_THAT(outcome.err, Not(HasSubstr("no media facts"))) << "that it was cut off is no news";
}

TEST(Serve, takes_new_tokens_at_a_reload) {
    Daemon daemon;
    const auto tokens = (daemon.folder() / "tokens.toml").string();
    const std::map<std::string, std::string> environment{{"GENQD_AUTH__TOKENS_FILE", tokens}};
    const auto first = run({"token", "new", "one", "--file", tokens}, daemon.folder());
    ASSERT_EQ(first.code, 0) << first.err;
    const auto token_of = [](const Outcome& made) { return made.out.substr(0, made.out.find('\n')); };
    ASSERT_TRUE(daemon.start(environment));
    EXPECT_EQ(daemon.client({"list"}).code, 3);
    EXPECT_EQ(daemon.client({"list"}, {{"GENQD_TOKEN", token_of(first)}}).code, 0);

    const auto second = run({"token", "new", "two", "--file", tokens}, daemon.folder());
    ASSERT_EQ(run({"token", "revoke", "one", "--file", tokens}, daemon.folder()).code, 0);
    EXPECT_EQ(daemon.client({"list"}, {{"GENQD_TOKEN", token_of(second)}}).code, 3);
    ASSERT_TRUE(daemon.reload());
    EXPECT_EQ(daemon.client({"list"}, {{"GENQD_TOKEN", token_of(second)}}).code, 0);
    EXPECT_EQ(daemon.client({"list"}, {{"GENQD_TOKEN", token_of(first)}}).code, 3);
    EXPECT_THAT(daemon.process().err(), Not(HasSubstr(token_of(second))));
}

TEST(Serve, stays_closed_when_its_tokens_are_gone_at_a_reload) {
    Daemon daemon;
    const auto tokens = (daemon.folder() / "tokens.toml").string();
    const auto made = run({"token", "new", "one", "--file", tokens}, daemon.folder());
    ASSERT_EQ(made.code, 0) << made.err;
    const auto token = made.out.substr(0, made.out.find('\n'));
    ASSERT_TRUE(daemon.start({{"GENQD_AUTH__TOKENS_FILE", tokens}}));
    std::filesystem::rename(tokens, tokens + ".away");
    ASSERT_TRUE(daemon.reload());
    EXPECT_THAT(daemon.process().err(), HasSubstr("nothing reloaded"));
    EXPECT_THAT(daemon.process().err(), HasSubstr("a reload does not open the API"));
    EXPECT_EQ(daemon.client({"list"}).code, 3);
    EXPECT_EQ(daemon.client({"list"}, {{"GENQD_TOKEN", token}}).code, 0);

    std::filesystem::rename(tokens + ".away", tokens);
    const auto revoked = run({"token", "revoke", "one", "--file", tokens}, daemon.folder());
    EXPECT_EQ(revoked.code, 0);
    EXPECT_THAT(revoked.err, HasSubstr("It was the last one"));
    ASSERT_TRUE(daemon.reload());
    EXPECT_EQ(daemon.client({"list"}).code, 3);
    daemon.process().signal(SIGTERM);
    EXPECT_EQ(daemon.process().wait(), 0);
    ASSERT_TRUE(daemon.start({{"GENQD_AUTH__TOKENS_FILE", tokens}}));
    EXPECT_EQ(daemon.client({"list"}).code, 0) << "a start with no token is for loopback, and says so";
    EXPECT_THAT(daemon.process().err(), HasSubstr("auth.tokens_file holds no token"));
}

TEST(Serve, names_the_keys_that_a_reload_does_not_take_over) {
    Daemon daemon({"--config", "genqd.toml"});
    const auto configure = [&](const std::string& text) {
        std::ofstream(daemon.folder() / "genqd.toml") << "[auth]\ntokens_file = \"\"\n" << text;
    };
    configure("");
    ASSERT_TRUE(daemon.start());
    configure("[limits]\nrequests = 5\n");
    ASSERT_TRUE(daemon.reload());
    EXPECT_THAT(daemon.process().err(), Not(HasSubstr("wait for a restart")));
    configure("[http]\nmax_body_bytes = 5000\n[front]\nurl_ttl_s = 100\n");
    ASSERT_TRUE(daemon.reload());
    EXPECT_THAT(daemon.process().err(), HasSubstr("keys that wait for a restart"));
    EXPECT_THAT(daemon.process().err(), HasSubstr("http.max_body_bytes, front.url_ttl_s"));
}

TEST(Serve, sends_webhooks_to_the_addresses_of_the_last_reload_alone) {
    Daemon daemon({"--config", "genqd.toml"});
    const auto allow = [&](const std::string& cidrs) {
        std::ofstream(daemon.folder() / "genqd.toml")
            << "[webhooks]\nsecrets = [\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"]\nallow_cidrs = [" << cidrs << "]\n";
    };
    HttpUser user;
    const auto first_error = [&] {
        // Port 1 is nobody's.
        const auto made = daemon.client({"submit", "google/imagen4", "prompt=x", "--webhook", "http://127.0.0.1:1/"});
        EXPECT_EQ(made.code, 0) << made.err;
        const auto url = daemon.url() + "/v1/jobs/" + made.out.substr(0, 26) + "/deliveries";
        std::string told;
        for (int i = 0; i < 100'000 && told.find(R"("error":")") == std::string::npos; ++i) {
            told = user.get(url).value().body;
        }
        return told;
    };
    allow("\"127.0.0.1\"");
    ASSERT_TRUE(daemon.start());
    const auto refused = first_error();
    EXPECT_THAT(refused, Not(HasSubstr("public")));
    allow("");
    ASSERT_TRUE(daemon.reload());
    EXPECT_THAT(first_error(), HasSubstr("public")) << refused;
}

TEST(Serve, tells_systemd_how_it_is) {
    Daemon daemon;
    NotifySocket socket(daemon.folder() / "notify.sock");
    ASSERT_TRUE(daemon.start({{"NOTIFY_SOCKET", socket.path()}, {"WATCHDOG_USEC", "200000"}}));
    EXPECT_TRUE(socket.wait_for("READY=1"));
    EXPECT_TRUE(socket.wait_for("WATCHDOG=1"));
    EXPECT_TRUE(socket.wait_for("WATCHDOG=1"));
    daemon.process().signal(SIGHUP);
    EXPECT_TRUE(socket.wait_for("RELOADING=1"));
    EXPECT_TRUE(socket.wait_for("READY=1"));
    daemon.process().signal(SIGTERM);
    EXPECT_TRUE(socket.wait_for("STOPPING=1"));
    EXPECT_EQ(daemon.process().wait(), 0);
}

}  // namespace
}  // namespace genq::test
