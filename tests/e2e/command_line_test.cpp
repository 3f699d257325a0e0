// What people look at: logs, open, watch and what is said of mistakes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/e2e/daemon.hpp"

namespace genq::test {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

std::string id_in(const std::string& line) {
    return line.substr(0, line.find_first_of(" \n"));
}

TEST(CommandLine, tells_what_happened_to_a_job) {
    Daemon daemon;
    ASSERT_TRUE(daemon.start());
    const auto made = daemon.client({"submit", "google/imagen4", "prompt=a fox [fail]"});
    const auto id = id_in(made.out);
    EXPECT_EQ(daemon.client({"logs", id, "--follow"}).code, 0);
    const auto logs = daemon.client({"logs", id});
    EXPECT_EQ(logs.code, 0) << logs.err;
    EXPECT_THAT(logs.out, AllOf(ContainsRegex("\\+0\\.0 s +queued"), ContainsRegex("submitting +attempt 1"),
                                ContainsRegex("s +failed"), ContainsRegex("error +generation_failed")));
    EXPECT_THAT(daemon.client({"logs", id, "--json"}).out, HasSubstr("\"event\":\"job.failed\""));
    const auto unknown = daemon.client({"logs", "01ARZ3NDEKTSV4RRFFQ69G5FAV"});
    EXPECT_EQ(unknown.code, 3);
    EXPECT_THAT(unknown.err, HasSubstr("not_found"));
}

TEST(CommandLine, follows_a_job_to_its_end) {
    Daemon daemon;
    ASSERT_TRUE(daemon.start());
    const auto id = id_in(daemon.client({"submit", "google/imagen4", "prompt=a fox"}).out);
    const auto logs = daemon.client({"logs", id, "--follow"});
    EXPECT_EQ(logs.code, 0) << logs.err;
    EXPECT_THAT(logs.out, AllOf(HasSubstr("queued"), HasSubstr("succeeded"), ContainsRegex("billed +yes")));
}

TEST(CommandLine, opens_a_page_in_the_browser) {
    Daemon daemon;
    ASSERT_TRUE(daemon.start());
    const auto id = id_in(daemon.client({"submit", "google/imagen4", "prompt=a fox", "--wait"}).out);
    EXPECT_EQ(daemon.client({"open", "--print"}).out, daemon.url() + "/\n");
    EXPECT_EQ(daemon.client({"open", id, "--print"}).out, daemon.url() + "/#/jobs/" + id + "\n");
    EXPECT_THAT(daemon.client({"open", id, "--output", "0", "--print"}).out, ContainsRegex("/v1/blobs/.*sig="));
    EXPECT_THAT(daemon.client({"open", id, "--json"}).out, HasSubstr("{\"url\":\"http://"));
    EXPECT_EQ(daemon.client({"open", id, "--output", "7", "--print"}).code, 1);
    EXPECT_EQ(daemon.client({"open", "--url", "unix:/tmp/none"}).code, 2);
    EXPECT_EQ(daemon.client({"open", "--output", "0"}).code, 2) << "of which job?";
    EXPECT_EQ(daemon.client({"open", "--print", "--url", "http://127.0.0.1:1"}).code, 4);

    const auto browser = daemon.folder() / "browser";
    std::ofstream(browser) << "#!/bin/sh\necho \"$1\" >" << (daemon.folder() / "opened").string() << '\n';
    std::filesystem::permissions(browser, std::filesystem::perms::owner_all);
    const auto opened = daemon.client({"open", id}, {{"BROWSER", browser.string()}});
    EXPECT_EQ(opened.code, 0) << opened.err;
    EXPECT_EQ(opened.out, "");
    EXPECT_EQ(read_file(daemon.folder() / "opened"), daemon.url() + "/#/jobs/" + id + "\n");
    const auto none = daemon.client({"open", id}, {{"PATH", "/nonexistent"}});
    EXPECT_EQ(none.out, daemon.url() + "/#/jobs/" + id + "\n") << "no browser: its address is said";
}

TEST(CommandLine, shows_the_queue_once_where_there_is_no_terminal) {
    Daemon daemon;
    ASSERT_TRUE(daemon.start());
    ASSERT_EQ(daemon.client({"pause"}).code, 0);
    const auto id = id_in(daemon.client({"submit", "google/imagen4", "prompt=a fox"}).out);
    for (const auto& arguments : {std::vector<std::string>{"watch"}, {"watch", "--once"}}) {
        const auto picture = daemon.client(arguments);
        EXPECT_EQ(picture.code, 0) << picture.err;
        EXPECT_THAT(picture.out, AllOf(HasSubstr("queued 1 "), HasSubstr("HELD: paused"), HasSubstr(id)));
    }
    EXPECT_THAT(daemon.client({"watch", "--json"}).out, HasSubstr("\"depth\""));
    EXPECT_EQ(daemon.client({"watch", "--url", "http://127.0.0.1:1"}).code, 4);
}

TEST(CommandLine, says_what_may_have_been_meant) {
    Daemon daemon;
    const auto said = [&](std::vector<std::string> arguments) {
        Process process(std::move(arguments), daemon.folder());
        EXPECT_EQ(process.wait(), 2);
        return process.err();
    };
    EXPECT_EQ(said({"sbmit", "x"}), "genqd has no command sbmit. Did you mean submit?\n`genqd --help` explains.\n");
    EXPECT_EQ(said({"list", "--lable=a"}),
              "genqd list has no option --lable. Did you mean --label?\n`genqd list --help` explains.\n");
    EXPECT_EQ(said({"token", "nwe", "x"}),
              "genqd token has no command nwe. Did you mean new?\n`genqd token --help` explains.\n");
    EXPECT_EQ(said({"list", "x"}), "genqd list takes no further argument: x.\n`genqd list --help` explains.\n");
    EXPECT_EQ(said({"logs"}), "JOB is required.\n`genqd logs --help` explains.\n");
    EXPECT_EQ(said({"frobnicate"}), "genqd has no command frobnicate.\n`genqd --help` explains.\n");
    EXPECT_EQ(said({"frobnicate", "--help"}), "genqd has no command frobnicate.\n`genqd --help` explains.\n");
    EXPECT_THAT(said({"token", "nwe", "--help"}), HasSubstr("Did you mean new?"));
    EXPECT_EQ(said({"--json", "list"}), "--json stands behind the command: genqd list --json.\n");
    EXPECT_THAT(said({}), HasSubstr("A first try"));
}

TEST(CommandLine, tells_its_version_and_explains_its_commands) {
    const TempFolder folder;
    EXPECT_EQ(run({"--version"}, folder.path()).out, run({"version"}, folder.path()).out);
    EXPECT_EQ(run({"help"}, folder.path()).out, run({"--help"}, folder.path()).out);
    EXPECT_EQ(run({"help", "token", "new"}, folder.path()).out, run({"token", "new", "--help"}, folder.path()).out);
    EXPECT_EQ(run({"help", "nonsense"}, folder.path()).code, 2);
    EXPECT_THAT(run({"completion", "bash"}, folder.path()).out, HasSubstr("complete -F _genqd"));
    EXPECT_EQ(run({"completion", "tcsh"}, folder.path()).code, 2);
}

TEST(CommandLine, says_a_job_or_batch_before_it_waits) {
    Daemon daemon;
    ASSERT_TRUE(daemon.start());
    ASSERT_EQ(daemon.client({"pause"}).code, 0);
    const auto job = daemon.client({"submit", "google/imagen4", "prompt=a fox", "--timeout", "0"});
    EXPECT_EQ(job.code, 5);
    EXPECT_THAT(job.err, ContainsRegex("^The job is 01[0-9A-Z]+\\.\nIt is not done after 0 s.*genqd wait 01"));
    std::ofstream(daemon.folder() / "jobs.json") << R"([{"model":"google/imagen4","input":{"prompt":"oak"}},
                                                        {"model":"google/imagen4","input":{"prompt":"elm"}}])";
    const auto batch = daemon.client({"batch", "jobs.json", "--timeout", "0s"});
    EXPECT_EQ(batch.code, 5);
    EXPECT_THAT(batch.err,
                ContainsRegex("^The batch is 01[0-9A-Z]+\\.\n2 of 2 jobs are not done after 0 s; they go on. "
                              "`genqd list --batch-id 01"));
}

TEST(CommandLine, pays_for_nothing_that_it_could_not_store) {
    Daemon daemon;
    ASSERT_TRUE(daemon.start());
    std::ofstream(daemon.folder() / "jobs.json") << R"([{"model":"google/imagen4","input":{"prompt":"oak"}}])";
    EXPECT_EQ(daemon.client({"submit", "google/imagen4", "prompt=x", "--out", "/proc/nope"}).code, 2);
    EXPECT_EQ(daemon.client({"batch", "jobs.json", "--out", "/proc/nope"}).code, 2);
    EXPECT_THAT(daemon.client({"list", "--json"}).out, HasSubstr("\"jobs\":[]"));
}

TEST(CommandLine, tells_programs_where_the_files_are) {
    Daemon daemon;
    ASSERT_TRUE(daemon.start());
    const auto done = daemon.client({"submit", "google/imagen4", "prompt=x", "--out", "out", "--json"});
    EXPECT_THAT(done.out, ContainsRegex("\"path\":\"out/01[0-9A-Z]+-0.png\""));
}

TEST(CommandLine, takes_several_jobs_and_names_those_that_it_refuses) {
    Daemon daemon;
    ASSERT_TRUE(daemon.start());
    const auto one = id_in(daemon.client({"submit", "google/imagen4", "prompt=a fox [fail]"}).out);
    const auto two = id_in(daemon.client({"submit", "google/imagen4", "prompt=a hare"}).out);
    EXPECT_EQ(daemon.client({"wait", one, two}).code, 1);
    const auto shown = daemon.client({"status", one, "nobody", two});
    EXPECT_EQ(shown.code, 3);
    EXPECT_THAT(shown.out, AllOf(HasSubstr(one), HasSubstr(two)));
    EXPECT_THAT(shown.err, HasSubstr("nobody: The daemon refused (not_found)"));
    EXPECT_THAT(daemon.client({"retry", one}).err, AllOf(HasSubstr(one + ": "), HasSubstr("--resubmit does that")));
    EXPECT_EQ(daemon.client({"get", two, one}).code, 1);
    EXPECT_TRUE(std::filesystem::exists(daemon.folder() / (two + "-0.png")));
}

TEST(CommandLine, says_all_of_a_job_that_the_api_takes) {
    Daemon daemon;
    ASSERT_TRUE(daemon.start());
    std::ofstream(daemon.folder() / "input.json")
        << "\xef\xbb\xbf{\"prompt\":\"from the file\",\"aspect_ratio\":\"16:9\"}";
    const auto made = daemon.client({"submit", "google/imagen4", "prompt=from the words", "--input", "input.json",
                                     "--scheduled-at", "2030-01-01T00:00:00Z", "--generation-retries", "2", "--json"});
    EXPECT_THAT(made.out, AllOf(HasSubstr(R"("input":{"aspect_ratio":"16:9","prompt":"from the words"})"),
                                HasSubstr(R"("scheduled_at":"2030-01-01T00:00:00.000Z")")));
    EXPECT_EQ(daemon.client({"submit", "google/imagen4", "prompt=x", "other=1", "--validate", "strict"}).code, 3);
    EXPECT_EQ(daemon.client({"submit", "google/imagen4", "prompt=x", "--webhook-events", "failed"}).code, 2);
    ASSERT_EQ(daemon.client({"submit", "google/imagen4", "prompt=a fox", "--wait"}).code, 0);
    EXPECT_THAT(daemon.client({"submit", "google/imagen4", "prompt=a fox", "--reuse", "--json"}).out,
                HasSubstr("\"reused_from\":\"01"));
    EXPECT_EQ(daemon.client({"submit", "google/imagen4", "prompt=true"}).code, 0) << "the field takes a text";
}

TEST(CommandLine, gives_a_dotenv_file_nothing_of_the_users) {
    Daemon daemon;
    ASSERT_TRUE(daemon.start());
    const auto browser = daemon.folder() / "evil.sh";
    std::ofstream(browser) << "#!/bin/sh\necho \"$EVIL\" >" << (daemon.folder() / "opened").string() << '\n';
    std::filesystem::permissions(browser, std::filesystem::perms::owner_all);
    std::ofstream(daemon.folder() / ".env")
        << "GENQD_URL=" << daemon.url() << " # the daemon\nBROWSER=" << browser.string() << "\nEVIL=evil\n";
    EXPECT_EQ(run({"open"}, daemon.folder(), {{"PATH", "/nonexistent"}}).code, 0);
    EXPECT_FALSE(std::filesystem::exists(daemon.folder() / "opened"));
    EXPECT_EQ(run({"open"}, daemon.folder(), {{"BROWSER", browser.string()}}).code, 0);
    EXPECT_EQ(read_file(daemon.folder() / "opened"), "\n") << "a variable of the file";
    std::filesystem::remove(daemon.folder() / ".env");
    std::filesystem::create_directory(daemon.folder() / ".env");
    EXPECT_EQ(daemon.client({"list"}).code, 0);
}

TEST(CommandLine, deletes_jobs_and_tells_what_was_spent) {
    Daemon daemon;
    ASSERT_TRUE(daemon.start());
    const auto id = id_in(daemon.client({"submit", "google/imagen4", "prompt=a fox", "--wait"}).out);
    EXPECT_THAT(daemon.client({"usage"}).out,
                AllOf(ContainsRegex("^model +JOBS +SUCCEEDED"), ContainsRegex("google/imagen4 +1 +1 +0 +8"),
                      ContainsRegex("\nall +1 ")));
    EXPECT_THAT(daemon.client({"usage", "--by", "caller", "--json"}).out, HasSubstr("\"by\":\"caller\""));
    EXPECT_EQ(daemon.client({"usage", "--by", "weather"}).code, 3);
    const auto deleted = daemon.client({"delete", "nobody", id});
    EXPECT_EQ(deleted.code, 3);
    EXPECT_EQ(deleted.out, id + "  deleted\n");
    EXPECT_THAT(deleted.err, HasSubstr("nobody: The daemon refused (not_found)"));
    EXPECT_EQ(daemon.client({"status", id}).code, 3);
}

TEST(CommandLine, shows_what_a_webhook_was_sent_and_sends_it_again) {
    Daemon daemon;
    // Nobody listens on port 1.
    ASSERT_TRUE(daemon.start({{"GENQD_WEBHOOKS__SECRETS", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="},
                              {"GENQD_WEBHOOKS__ALLOW_CIDRS", "127.0.0.0/8"}}));
    const auto id = id_in(daemon
                              .client({"submit", "google/imagen4", "prompt=a fox", "--wait", "--webhook",
                                       "http://127.0.0.1:1/", "--webhook-events", "queued,succeeded"})
                              .out);
    const auto shown = daemon.client({"deliveries", id});
    EXPECT_THAT(shown.out, AllOf(ContainsRegex("^N +EVENT +STATE"), ContainsRegex("\n1 +job.queued +pending"),
                                 ContainsRegex("\n2 +job.succeeded +pending")))
        << shown.err;
    EXPECT_THAT(daemon.client({"deliveries", id, "--again", "1"}).out, ContainsRegex("\n1 +job.queued +pending"));
    EXPECT_EQ(daemon.client({"deliveries", id, "--again", "7"}).code, 3);
}

}  // namespace
}  // namespace genq::test
