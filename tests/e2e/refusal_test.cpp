#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>

#include "tests/e2e/daemon.hpp"
#include "tests/e2e/http_user.hpp"

namespace genq::test {
namespace {

using ::testing::HasSubstr;

TEST(Refusal, of_the_daemon_is_three_and_names_what_is_wrong) {
    Daemon daemon;
    ASSERT_TRUE(daemon.start());
    const auto unknown = daemon.client({"submit", "google/imagen44", "prompt=x"});
    EXPECT_EQ(unknown.code, 3);
    EXPECT_THAT(unknown.err, HasSubstr("unknown_model"));
    const auto bad = daemon.client({"submit", "google/imagen4", "prompt=x", "--priority", "1000"});
    EXPECT_EQ(bad.code, 3);
    EXPECT_THAT(bad.err, HasSubstr("/priority"));
    EXPECT_EQ(daemon.client({"status", "01ARZ3NDEKTSV4RRFFQ69G5FAV"}).code, 3);
    EXPECT_EQ(daemon.client({"list", "--status", "sleeping"}).code, 3);
}

TEST(Refusal, of_arguments_is_two) {
    TempFolder folder;
    for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
             {},
             {"submit"},
             {"no-such-command"},
             {"submit", "m", "prompt"},
             {"submit", "m", "prompt=x", "--deadline", "soon"},
             {"submit", "m", "image=@picture.png"},
             {"list", "--url", "example.com"},
             {"token", "new", "bad name", "--file", "t.toml"},
         }) {
        const auto outcome = run(arguments, folder.path());
        EXPECT_EQ(outcome.code, 2) << ::testing::PrintToString(arguments) << outcome.err;
        EXPECT_NE(outcome.err, "");
    }
}

TEST(Refusal, of_too_long_a_body_names_the_limit_and_a_batch_has_room_for_a_thousand_jobs) {
    Daemon daemon;
    ASSERT_TRUE(daemon.start());
    ASSERT_EQ(daemon.client({"pause"}).code, 0);
    HttpUser user;
    const auto post = [&](const std::string& target, std::string body) {
        return user
            .send({"POST", daemon.url() + target, {{"Content-Type", "application/json"}}, std::move(body)},
                  std::chrono::seconds(60))
            .value();
    };
    const auto batch = [](int jobs, std::size_t characters) {
        std::string body;
        for (int i = 0; i < jobs; ++i) {
            body += (i == 0 ? R"({"jobs":[)" : ",");
            body += R"({"model":"google/imagen4","input":{"prompt":")" + std::string(characters, 'x') + R"("}})";
        }
        return body + "]}";
    };
    const auto taken = post("/v1/batches", batch(1000, 2000));
    EXPECT_EQ(taken.status, 202) << taken.body;

    daemon.process().signal(SIGTERM);
    ASSERT_EQ(daemon.process().wait(), 0);
    ASSERT_TRUE(daemon.start({{"GENQD_HTTP__MAX_BODY_BYTES", "8192"}}));
    const auto refused = post("/v1/batches", batch(70, 2000));
    EXPECT_EQ(refused.status, 413);
    EXPECT_THAT(refused.body, HasSubstr("longer than 131072 bytes, 16 times http.max_body_bytes: send it as several"));
    const auto one = post("/v1/jobs", batch(5, 2000));
    EXPECT_EQ(one.status, 413);
    EXPECT_THAT(one.body, HasSubstr("longer than 8192 bytes (http.max_body_bytes)"));
}

TEST(Refusal, because_nobody_answers_is_four_and_says_how_to_start_a_daemon) {
    TempFolder folder;
    // Port 1 is nobody's.
    const auto outcome = run({"status", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "--url", "http://127.0.0.1:1"}, folder.path());
    EXPECT_EQ(outcome.code, 4);
    EXPECT_THAT(outcome.err, HasSubstr("genqd serve"));
}

TEST(Help, is_there_for_every_command) {
    TempFolder folder;
    const auto all = run({"--help"}, folder.path());
    EXPECT_EQ(all.code, 0);
    for (const char* command :
         {"serve",  "sandbox", "submit",  "wait",   "status",  "list",   "get",    "cancel", "retry", "queue",  "pause",
          "resume", "models",  "credits", "config", "migrate", "backup", "verify", "gc",     "token", "version"}) {
        EXPECT_THAT(all.out, HasSubstr(std::string("\n  ") + command + " "));
        const auto one = run({command, "--help"}, folder.path());
        EXPECT_EQ(one.code, 0);
        EXPECT_THAT(one.out, HasSubstr("Examples:\n  "));
    }
}

TEST(Dotenv, names_the_daemon_and_the_token) {
    Daemon daemon;
    ASSERT_TRUE(daemon.start());
    std::ofstream(daemon.folder() / ".env") << "GENQD_URL=" << daemon.url() << "\n";
    EXPECT_EQ(run({"list"}, daemon.folder()).code, 0);
}

TEST(Migrate, makes_a_database_and_says_from_where_to_where) {
    TempFolder folder;
    const auto state = (folder.path() / "state").string();
    const auto first = run({"migrate", "--state", state}, folder.path());
    EXPECT_EQ(first.code, 0) << first.err;
    EXPECT_THAT(first.out, HasSubstr("There was no database in " + state));
    const auto second = run({"migrate", "--state", state}, folder.path());
    EXPECT_EQ(second.code, 0) << second.err;
    EXPECT_THAT(second.out, HasSubstr("is up to date"));
}

TEST(Gc, of_a_mistyped_directory_is_refused_and_makes_none) {
    TempFolder folder;
    const auto outcome = run({"gc", "--state", "nowhere"}, folder.path());
    EXPECT_EQ(outcome.code, 1);
    EXPECT_THAT(outcome.err, HasSubstr("There is no database nowhere/genqd.db"));
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "nowhere"));
}

TEST(ConfigCheck, says_when_it_found_no_key) {
    TempFolder folder;
    std::ofstream(folder.path() / "genqd.toml") << "[auth]\ntokens_file = \"\"\n";
    const auto without = run({"config", "check", "--config", "genqd.toml"}, folder.path());
    EXPECT_EQ(without.code, 0) << "it may come with the service";
    EXPECT_THAT(without.err, HasSubstr("`genqd serve` needs a key"));
    const auto with = run({"config", "check", "--config", "genqd.toml"}, folder.path(), {{"KIE_API_KEY", "key"}});
    EXPECT_EQ(with.code, 0);
    EXPECT_EQ(with.err, "");
}

TEST(Client, talks_to_a_daemon_through_its_unix_socket) {
    Daemon daemon({"--listen", "unix:genqd.sock"});
    ASSERT_TRUE(daemon.start());
    const auto submitted =
        run({"submit", "google/imagen4", "prompt=x", "--wait", "--out", "out", "--url", "unix:genqd.sock"},
            daemon.folder());
    EXPECT_EQ(submitted.code, 0) << submitted.err;
    const auto listed = run({"list"}, daemon.folder(), {{"GENQD_URL", "unix:genqd.sock"}});
    EXPECT_EQ(listed.code, 0) << listed.err;
    EXPECT_THAT(listed.out, HasSubstr("succeeded"));
    const auto nobody = run({"list"}, daemon.folder(), {{"GENQD_URL", "unix:none.sock"}});
    EXPECT_EQ(nobody.code, 4);
    EXPECT_THAT(nobody.err, HasSubstr("unix:none.sock"));
    EXPECT_EQ(run({"list"}, daemon.folder(), {{"GENQD_URL", "unix:"}}).code, 2);
}

}  // namespace
}  // namespace genq::test
