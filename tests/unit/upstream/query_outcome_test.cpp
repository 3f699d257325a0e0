#include <gtest/gtest.h>
#include <ostream>

#include "server/upstream/outcome.hpp"
#include "tests/unit/upstream/answers.hpp"

namespace genq::upstream {

void PrintTo(QueryVerdict verdict, std::ostream* out) {
    *out << to_string(verdict);
}

namespace {

using test::answer;
using test::envelope;
using test::no_answer;
using enum QueryVerdict;

QueryVerdict verdict_of(const http::Exchange& exchange, bool last_endpoint = true) {
    return classify_query(exchange, last_endpoint).verdict;
}

QueryVerdict verdict_of(int code, const std::string& message, bool last_endpoint = true) {
    return verdict_of(answer(200, envelope(code, message)), last_endpoint);
}

TEST(QueryOutcome, is_answered_by_a_record) {
    const auto outcome = classify_query(answer(200, envelope(200, "success", R"({"state":"waiting"})")), true);
    EXPECT_EQ(outcome.verdict, answered);
    ASSERT_TRUE(outcome.envelope);
    EXPECT_TRUE(outcome.envelope->ok());
}

TEST(QueryOutcome, believes_a_state_before_the_code) {
    for (const int code : {401, 404, 422, 429, 500, 501}) {
        EXPECT_EQ(verdict_of(answer(200, envelope(code, "no", R"({"state":"success"})"))), answered);
    }
    EXPECT_EQ(verdict_of(answer(200, envelope(422, "done", R"({"resultUrls":["https://x/4k.mp4"]})"))), answered);
}

TEST(QueryOutcome, is_answered_by_codes_that_tell_of_the_task) {
    for (const int code : {408, 413, 451, 501, 505, 531}) {
        EXPECT_EQ(verdict_of(code, "Failed"), answered) << code;
    }
    EXPECT_EQ(verdict_of(400, "1080P is processing."), answered);
    EXPECT_EQ(verdict_of(422, "4k is processing."), answered);
    EXPECT_EQ(verdict_of(422, "Your request was rejected by Flow(prompt flagged)."), answered);
}

TEST(QueryOutcome, is_not_visible_when_the_record_is_unknown) {
    EXPECT_EQ(verdict_of(422, "recordInfo is null"), not_visible);
    EXPECT_EQ(verdict_of(422, "Only records within 14 days can be read"), not_visible);
    EXPECT_EQ(verdict_of(404, "Task not found", false), not_visible);
    EXPECT_EQ(verdict_of(404, "Not Found", true), not_visible);
    EXPECT_EQ(verdict_of(200, "success"), not_visible);
}

TEST(QueryOutcome, is_rate_limited) {
    EXPECT_EQ(verdict_of(429, "Rate limit exceeded"), rate_limited);
    EXPECT_EQ(verdict_of(430, "too fast"), rate_limited);
    EXPECT_EQ(verdict_of(405, "Rate limit exceeded", false), rate_limited);
    const auto outcome = classify_query(answer(429, "", {{"retry-after", "7"}}), true);
    EXPECT_EQ(outcome.verdict, rate_limited);
    EXPECT_EQ(outcome.retry_after, std::chrono::seconds(7));
}

TEST(QueryOutcome, speaks_of_the_key) {
    EXPECT_EQ(verdict_of(401, "Unauthorized"), auth);
    EXPECT_EQ(verdict_of(answer(403, "error code: 1010")), auth);
    EXPECT_EQ(verdict_of(answer(401, "")), auth);
}

TEST(QueryOutcome, goes_to_the_next_endpoint) {
    EXPECT_EQ(verdict_of(404, "No static resource api/v1/aleph/record-info", false), wrong_endpoint);
    EXPECT_EQ(verdict_of(405, "Request method 'GET' is not supported", false), wrong_endpoint);
    EXPECT_EQ(verdict_of(answer(404, "nginx"), false), wrong_endpoint);
    EXPECT_EQ(verdict_of(answer(404, "nginx"), true), failed);
}

TEST(QueryOutcome, has_failed_by_the_network_and_server_errors) {
    EXPECT_EQ(verdict_of(no_answer(http::Written::fully)), failed);
    EXPECT_EQ(verdict_of(no_answer(http::Written::nothing, errc::unreachable)), failed);
    EXPECT_EQ(verdict_of(answer(200, "<html/>")), failed);
    EXPECT_EQ(verdict_of(answer(502, "")), failed);
    EXPECT_EQ(verdict_of(500, "Server Error"), failed);
    EXPECT_EQ(verdict_of(455, "maintenance"), failed);
    EXPECT_EQ(verdict_of(402, "Insufficient Credits"), failed);
}

}  // namespace
}  // namespace genq::upstream
