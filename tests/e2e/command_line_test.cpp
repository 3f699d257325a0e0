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
}

}  // namespace
}  // namespace genq::test
