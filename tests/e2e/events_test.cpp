#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <fstream>
#include <sstream>

#include "tests/e2e/daemon.hpp"
#include "tests/e2e/event_reader.hpp"
#include "tests/e2e/http_user.hpp"

namespace genq::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class LiveEvents : public ::testing::Test {
  protected:
    http::ClientResponse ask(const std::string& method, const std::string& target, const std::string& body = "") {
        http::Fields headers{{"Content-Type", "application/json"}};
        return user_.send({method, daemon_.url() + target, std::move(headers), body}, std::chrono::seconds(60)).value();
    }
    std::string submit(const std::string& more = "") {
        const auto made = ask("POST", "/v1/jobs", R"({"model":"google/imagen4","input":{"prompt":"x"})" + more + "}");
        EXPECT_EQ(made.status, 202) << made.body;
        return std::string(boost::json::parse(made.body).at("id").as_string());
    }
    /// The ids and names of a job's history.
    std::vector<std::string> history(const std::string& id) {
        std::vector<std::string> lines;
        for (const auto& event :
             boost::json::parse(ask("GET", "/v1/jobs/" + id + "/events").body).at("events").as_array()) {
            lines.push_back(std::to_string(event.at("id").as_int64()) + " " +
                            std::string(event.at("event").as_string()));
        }
        return lines;
    }
    std::string metric(const std::string& name) {
        const auto text = ask("GET", "/metrics").body;
        const auto at = text.find("\n" + name + " ");
        return at == std::string::npos
                   ? ""
                   : text.substr(at + name.size() + 2, text.find('\n', at + 1) - at - name.size() - 2);
    }
    void write_config(const std::string& text) { std::ofstream(daemon_.folder() / "genqd.toml") << text; }
    static std::string line(const StreamedEvent& event) { return event.id + " " + event.name; }

    Daemon daemon_{{"--config", "genqd.toml"}};
    HttpUser user_;
};

TEST_F(LiveEvents, come_while_they_happen_and_end_with_their_job) {
    write_config("");
    ASSERT_TRUE(daemon_.start());
    EventReader all(daemon_.url(), "/v1/events");
    ASSERT_EQ(all.status(), 200);
    EventReader labeled(daemon_.url(), "/v1/events?label.a=b&status=queued,succeeded");
    ASSERT_EQ(labeled.status(), 200);
    const auto other = submit();
    const auto id = submit(R"(,"labels":{"a":"b"})");
    EventReader job(daemon_.url(), "/v1/jobs/" + id + "/events");
    std::vector<std::string> lines;
    while (const auto event = job.next()) {
        EXPECT_EQ(boost::json::parse(event->data).at("job_id").as_string(), id);
        lines.push_back(line(*event));
    }
    EXPECT_TRUE(job.ended_whole());
    EXPECT_EQ(lines, history(id));
    EXPECT_THAT(lines.back(), HasSubstr("job.succeeded"));
    EXPECT_EQ(line(labeled.next().value()), lines.front());
    EXPECT_EQ(line(labeled.next().value()), lines.back());
    std::vector<std::string> of_id;
    while (of_id.size() < lines.size()) {
        const auto event = all.next();
        ASSERT_TRUE(event);
        if (event->data.find(id) != std::string::npos) of_id.push_back(line(*event));
    }
    EXPECT_EQ(of_id, lines);
    EXPECT_NE(metric("genqd_event_streams"), "0");
}

TEST_F(LiveEvents, go_on_after_a_restart_where_their_reader_was) {
    write_config("");
    ASSERT_TRUE(daemon_.start());
    // The stand-in for kie.ai forgets its tasks with the daemon, so none is made.
    ASSERT_EQ(ask("POST", "/v1/queue/pause", R"({"reason":"test"})").status, 200);
    std::optional<EventReader> reader(std::in_place, daemon_.url(), "/v1/events");
    ASSERT_EQ(reader->status(), 200);
    std::vector<std::string> ids;
    std::vector<std::string> seen;
    const auto read_one = [&] {
        const auto event = reader->next();
        ASSERT_TRUE(event);
        seen.push_back(line(*event));
    };
    for (const int how : {SIGKILL, SIGTERM, SIGKILL}) {
        for (int i = 0; i < 3; ++i) ids.push_back(submit());
        ASSERT_EQ(ask("POST", "/v1/jobs/" + ids.back() + "/cancel").status, 200);
        read_one();
        read_one();
        daemon_.process().signal(how);
        ASSERT_TRUE(daemon_.process().wait());
        ASSERT_TRUE(daemon_.start());
        const auto last = seen.back().substr(0, seen.back().find(' '));
        reader.emplace(daemon_.url(), "/v1/events", std::map<std::string, std::string>{{"Last-Event-ID", last}});
        ASSERT_EQ(reader->status(), 200);
    }
    ids.push_back(submit());
    std::vector<std::string> all;
    for (const auto& id : ids) std::ranges::move(history(id), std::back_inserter(all));
    std::ranges::sort(all, {}, [](const std::string& text) { return std::stoi(text); });
    EXPECT_EQ(all.size(), 13u);
    while (seen.size() < all.size() && !HasFatalFailure()) read_one();
    EXPECT_EQ(seen, all);
}

TEST_F(LiveEvents, end_whole_when_the_daemon_stops_and_do_not_hold_it_up) {
    write_config("[http]\nwrite_timeout_s = 3600\n");
    ASSERT_TRUE(daemon_.start());
    ASSERT_EQ(ask("POST", "/v1/queue/pause", R"({"reason":"test"})").status, 200);
    const auto id = submit();
    EventReader all(daemon_.url(), "/v1/events");
    EventReader job(daemon_.url(), "/v1/jobs/" + id + "/events");
    ASSERT_EQ(all.status(), 200);
    ASSERT_TRUE(job.next());
    daemon_.process().signal(SIGTERM);
    EXPECT_TRUE(all.ended_whole());
    EXPECT_TRUE(job.ended_whole());
    EXPECT_EQ(daemon_.process().wait(), 0);
}

TEST_F(LiveEvents, are_cut_off_for_whoever_does_not_read_them_and_lost_for_nobody) {
    write_config("[http]\nwrite_timeout_s = 1\n");
    ASSERT_TRUE(daemon_.start());
    ASSERT_EQ(ask("POST", "/v1/queue/pause", R"({"reason":"test"})").status, 200);
    std::string jobs;
    for (int i = 0; i < 1000; ++i) jobs += R"({"model":"google/imagen4","input":{"prompt":"x"}},)";
    jobs.back() = ' ';
    for (int i = 0; i < 20; ++i) ASSERT_EQ(ask("POST", "/v1/batches", "{\"jobs\":[" + jobs + "]}").status, 202);
    // More than the kernel takes for a reader with so small a window.
    EventReader slow(daemon_.url(), "/v1/events?last_event_id=0", {}, true);
    ASSERT_EQ(slow.status(), 200);
    EventReader beside(daemon_.url(), "/v1/events");
    ASSERT_EQ(beside.status(), 200);
    while (metric("genqd_event_streams_cut_off_total") != "1") {
        (void)submit();
        ASSERT_EQ(beside.next().value().name, "job.queued") << "others go on meanwhile";
    }
    std::int64_t last = 0;
    while (const auto event = slow.next()) {
        ASSERT_EQ(event->id, std::to_string(++last));
    }
    EXPECT_FALSE(slow.ended_whole());
    EXPECT_GT(last, 0);
    EventReader again(daemon_.url(), "/v1/events", {{"Last-Event-ID", std::to_string(last)}});
    while (last < 20'000) {
        const auto event = again.next();
        ASSERT_TRUE(event);
        ASSERT_EQ(event->id, std::to_string(++last));
    }
}

TEST_F(LiveEvents, leave_connections_for_others) {
    write_config("[http]\nmax_connections = 8\n");
    ASSERT_TRUE(daemon_.start());
    std::vector<std::unique_ptr<EventReader>> readers;
    for (int i = 0; i < 7; ++i) {
        readers.push_back(std::make_unique<EventReader>(daemon_.url(), "/v1/events"));
        ASSERT_EQ(readers.back()->status(), 200);
    }
    EXPECT_EQ(EventReader(daemon_.url(), "/v1/events").status(), 503);
    EXPECT_EQ(ask("GET", "/v1/queue").status, 200);
    readers.pop_back();
    // That it went is seen at once, and not with the next comment; but not by this test's clock.
    for (int status = 503; status != 200;) status = EventReader(daemon_.url(), "/v1/events").status();
}

TEST_F(LiveEvents, end_when_the_tokens_change) {
    write_config("[auth]\ntokens_file = \"tokens.toml\"\n");
    ASSERT_EQ(run({"token", "new", "one", "--scope", "read", "--file", "tokens.toml"}, daemon_.folder()).code, 0);
    const auto made = run({"token", "new", "two", "--scope", "read", "--file", "tokens.toml"}, daemon_.folder());
    ASSERT_EQ(made.code, 0) << made.err;
    const std::map<std::string, std::string> bearer{
        {"Authorization", "Bearer " + made.out.substr(0, made.out.find('\n'))}};
    ASSERT_TRUE(daemon_.start());
    EventReader reader(daemon_.url(), "/v1/events", bearer);
    ASSERT_EQ(reader.status(), 200);
    ASSERT_TRUE(daemon_.reload());
    ASSERT_EQ(run({"token", "revoke", "two", "--file", "tokens.toml"}, daemon_.folder()).code, 0);
    ASSERT_TRUE(daemon_.reload());
    EXPECT_TRUE(reader.ended_whole());
    EXPECT_EQ(EventReader(daemon_.url(), "/v1/events", bearer).status(), 401);
}

TEST_F(LiveEvents, are_followed_by_the_command_line) {
    write_config("");
    ASSERT_TRUE(daemon_.start());
    const auto id = submit(R"(,"labels":{"a":"b"})");
    (void)submit();
    const auto seen = daemon_.client({"events", id});
    EXPECT_EQ(seen.code, 0) << seen.err;
    std::vector<std::string> lines;
    const auto told = daemon_.client({"events", id, "--json"});
    EXPECT_EQ(told.code, 0) << told.err;
    std::istringstream out(told.out);
    for (std::string text; std::getline(out, text);) {
        const auto event = boost::json::parse(text);
        EXPECT_EQ(event.at("job_id").as_string(), id);
        lines.push_back(std::to_string(event.at("id").as_int64()) + " " + std::string(event.at("event").as_string()));
    }
    EXPECT_EQ(lines, history(id));
    EXPECT_THAT(seen.out, ::testing::AllOf(HasSubstr("  queued "), HasSubstr("  succeeded "), HasSubstr(id)));
    EXPECT_EQ(std::ranges::count(seen.out, '\n'), static_cast<std::ptrdiff_t>(lines.size()));
    const auto rest = daemon_.client({"events", id, "--after", lines.back().substr(0, lines.back().find(' '))});
    EXPECT_EQ(rest.code, 0);
    EXPECT_EQ(rest.out, "");
    EXPECT_EQ(daemon_.client({"events", "01ARZ3NDEKTSV4RRFFQ69G5FAV"}).code, 3);
    EXPECT_EQ(daemon_.client({"events", "--status", "lost"}).code, 3);
    EXPECT_EQ(daemon_.client({"events", "--label", "x"}).code, 2);
}

TEST_F(LiveEvents, are_followed_by_the_command_line_across_a_restart) {
    write_config("");
    ASSERT_TRUE(daemon_.start());
    ASSERT_EQ(ask("POST", "/v1/queue/pause", R"({"reason":"test"})").status, 200);
    const auto id = submit();
    const auto port = daemon_.url().substr(daemon_.url().rfind(':') + 1);
    Process follower({"events", id, "--url", daemon_.url()}, daemon_.folder());
    EventReader beside(daemon_.url(), "/v1/events?last_event_id=0");
    ASSERT_TRUE(beside.next());
    while (follower.out().find("queued") == std::string::npos) ASSERT_EQ(ask("GET", "/healthz").status, 200);
    daemon_.process().signal(SIGKILL);
    ASSERT_TRUE(daemon_.process().wait());
    Process again({"serve", "--sandbox", "--config", "genqd.toml", "--state", daemon_.state(), "--listen",
                   "127.0.0.1:" + port, "--address-file", "again"},
                  daemon_.folder());
    ASSERT_TRUE(wait_for_file(daemon_.folder() / "again", again, std::chrono::seconds(60)));
    ASSERT_EQ(ask("POST", "/v1/jobs/" + id + "/cancel").status, 200);
    EXPECT_EQ(follower.wait(), 0) << follower.err();
    EXPECT_EQ(std::ranges::count(follower.out(), '\n'), 2) << follower.out();
    EXPECT_THAT(follower.out(), HasSubstr("  canceled "));
    again.signal(SIGTERM);
    EXPECT_EQ(again.wait(), 0);
}

}  // namespace
}  // namespace genq::test
