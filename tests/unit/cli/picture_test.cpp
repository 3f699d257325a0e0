#include "server/cli/picture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "common/core/rfc3339.hpp"

namespace genq::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const WallTime now = *from_rfc3339("2026-11-22T19:01:00Z");

boost::json::value queue() {
    return boost::json::parse(R"({"depth":{"queued":7,"submitting":1,"generating":2,"failed":3},
        "limiter":{"limit":20,"window_s":10.0,"tokens_free":5},"throughput":{"finished_per_minute":12.0},
        "estimated_drain_s":90.0,"credits":{"balance":250},
        "holds":[{"reason":"credits","detail":"the account is\nempty","since":"2026-11-22T19:00:00Z"}]})");
}

boost::json::value jobs(const std::string& text) {
    return boost::json::parse("{\"jobs\":[" + text + "]}");
}

const std::string running =
    R"({"id":"01A","status":"generating","model":"veo3","created_at":"2026-11-22T19:00:00Z",
        "progress":{"fraction":0.5,"estimated_finish_at":"2026-11-22T19:02:00Z"}})";
const std::string waiting = R"({"id":"01B","status":"queued","model":"google/imagen4",
        "created_at":"2026-11-22T19:00:55Z","queue":{"reason":"rate_limit","estimated_start_at":"2026-11-22T19:01:30Z"}})";
const std::string failed = R"({"id":"01C","status":"failed","model":"veo3","created_at":"2026-11-22T18:00:00Z",
        "error":{"code":"rejected"}})";

TEST(Picture, shows_counts_limit_holds_and_jobs) {
    const auto text = render_queue(queue(), {jobs(running), jobs(waiting), jobs(failed)}, now, {});
    EXPECT_EQ(text,
              "queued 7   submitting 1   generating 2   downloading 0   succeeded 0   failed 3   canceled 0\n"
              "limit [###############-----] 15/20 in 10 s   finished 12/min   empty in about 1 min 30 s   credits 250\n"
              "HELD: credits: the account is?empty\n"
              "\n"
              "JOB  STATUS      MODEL           AGE\n"
              "01A  generating  veo3            1 min 0 s  [#####-----] 50 %, about 1 min 0 s left\n"
              "01B  queued      google/imagen4  5 s        rate_limit, starts in about 30 s\n"
              "01C  failed      veo3            1 h 1 min  rejected\n");
}

TEST(Picture, shows_what_matters_on_a_narrow_terminal) {
    const auto text = render_queue(queue(), {jobs(running), jobs(waiting), jobs(failed)}, now, {.columns = 60});
    EXPECT_EQ(text,
              "queued 7   submitting 1   generating 2   downloading 0\n"
              "succeeded 0   failed 3   canceled 0\n"
              "limit [###############-----] 15/20 in 10 s   finished 12/min\n"
              "empty in about 1 min 30 s   credits 250\n"
              "HELD: credits: the account is?empty\n"
              "\n"
              "JOB  STATUS      MODEL\n"
              "01A  generating  veo3            50 %, 1 min 0 s left\n"
              "01B  queued      google/imagen4  rate_limit, in 30 s\n"
              "01C  failed      veo3            rejected\n");
}

TEST(Picture, keeps_to_its_size) {
    const auto text = render_queue(queue(), {jobs(running), jobs(waiting), {}}, now, {.columns = 10, .lines = 3});
    EXPECT_EQ(text, "queued 7\nsubmittin…\ngeneratin…\n");
    const auto wide = jobs(R"({"id":"狐狐狐狐狐狐狐","status":"queued"})");
    EXPECT_THAT(render_queue({}, {wide, {}, {}}, now, {.columns = 10, .lines = 99}), HasSubstr("\n狐狐狐狐…\n"));
}

TEST(Picture, shows_those_that_run_next_and_what_ended_last) {
    const auto queued = jobs(R"({"id":"03","status":"queued","queue":{"position":2}},
                                {"id":"02","status":"queued","queue":{"position":1}},
                                {"id":"04","status":"queued","queue":{"reason":"dependency"}},
                                {"id":"01","status":"queued","queue":{"position":0}})");
    const auto ended = jobs(R"({"id":"e1"},{"id":"e2"},{"id":"e3"},{"id":"e4"})");
    const auto ids = [&](std::size_t lines) {
        const auto text = render_queue({}, {jobs(running), queued, ended}, now, {.lines = lines});
        std::string found;
        for (auto at = text.find("\nJOB"); (at = text.find('\n', at + 1)) + 1 < text.size();) {
            found += text.substr(at + 1, text.find_first_of(" \n", at + 1) - at);
        }
        return found;
    };
    EXPECT_EQ(ids(99), "01A 01 02 03 04 e1\ne2\ne3\ne4\n");
    EXPECT_EQ(ids(9), "01A 01 02 e1\ne2\n");
    EXPECT_EQ(ids(5), "01A ");
}

TEST(Picture, takes_answers_of_any_shape) {
    EXPECT_THAT(render_queue({}, {}, now, {}), HasSubstr("queued 0"));
    EXPECT_THAT(render_batch({}), HasSubstr("0/0 done"));
}

TEST(Picture, shows_a_batch_as_a_bar) {
    const auto batch = boost::json::parse(
        R"({"total":10,"counts":{"queued":3,"generating":2,"succeeded":3,"failed":1,"canceled":1}})");
    EXPECT_EQ(render_batch(batch), "[###############---------------] 5/10 done, 2 running, 1 failed, 1 canceled");
    EXPECT_THAT(render_batch(boost::json::parse(R"({"total":2,"counts":{"succeeded":2}})")), Not(HasSubstr("failed")));
}

TEST(Picture, cuts_a_fraction_to_its_range) {
    EXPECT_EQ(render_bar(-1, 4), "[----]");
    EXPECT_EQ(render_bar(0.5, 4), "[##--]");
    EXPECT_EQ(render_bar(7, 4), "[####]");
}

}  // namespace
}  // namespace genq::cli
