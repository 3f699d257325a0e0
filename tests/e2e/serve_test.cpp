#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include "tests/e2e/daemon.hpp"
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
