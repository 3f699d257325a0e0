#include <gtest/gtest.h>
#include <ostream>

#include "server/upstream/outcome.hpp"
#include "tests/unit/upstream/answers.hpp"

namespace genq::upstream {

void PrintTo(CreateVerdict verdict, std::ostream* out) {
    *out << to_string(verdict);
}

namespace {

using http::Written;
using test::answer;
using test::envelope;
using test::no_answer;
using enum CreateVerdict;

CreateVerdict verdict_of(const http::Exchange& exchange, bool last_endpoint = true) {
    return classify_create(exchange, last_endpoint).verdict;
}

/// kie.ai's usual way: the code in the body of an HTTP 200.
CreateVerdict verdict_of(int code, const std::string& message, bool last_endpoint = true) {
    return verdict_of(answer(200, envelope(code, message)), last_endpoint);
}

TEST(CreateOutcome, is_created_with_a_task_id) {
    const auto outcome = classify_create(answer(200, R"({"code":200,"msg":"success","data":{"taskId":"t1"}})"), true);
    EXPECT_EQ(outcome.verdict, created);
    EXPECT_EQ(outcome.task_id, "t1");
}

TEST(CreateOutcome, takes_the_record_id_where_the_task_id_is_absent) {
    const auto outcome = classify_create(answer(200, R"({"code":"200","data":{"recordId":"r1"}})"), true);
    EXPECT_EQ(outcome.verdict, created);
    EXPECT_EQ(outcome.task_id, "r1");
}

TEST(CreateOutcome, is_created_when_a_server_error_names_a_task) {
    EXPECT_EQ(verdict_of(answer(200, envelope(501, "Generation failed", R"({"taskId":"t1"})"))), created);
    EXPECT_EQ(verdict_of(answer(500, envelope(200, "success", R"({"taskId":"t1"})"))), created);
}

TEST(CreateOutcome, is_no_task_when_a_refusal_repeats_an_id) {
    EXPECT_EQ(verdict_of(answer(200, envelope(422, "bad", R"({"taskId":"parent"})"))), rejected);
    EXPECT_EQ(verdict_of(answer(200, envelope(550, "full", R"({"taskId":"parent"})"))), rate_limited);
}

TEST(CreateOutcome, is_rate_limited_by_429_430_and_550) {
    EXPECT_EQ(verdict_of(429, "Rate limit exceeded"), rate_limited);
    EXPECT_EQ(verdict_of(430, "Your call frequency is too high"), rate_limited);
    EXPECT_EQ(verdict_of(550, "Task was rejected due to a full queue"), rate_limited);
    EXPECT_EQ(verdict_of(answer(429, envelope(429, "Rate limit exceeded"))), rate_limited);
    EXPECT_EQ(verdict_of(answer(429, envelope(200, "success"))), rate_limited);
    EXPECT_EQ(verdict_of(answer(429, "<html>slow down</html>")), rate_limited);
}

TEST(CreateOutcome, is_rate_limited_by_a_405_that_speaks_of_the_rate) {
    EXPECT_EQ(verdict_of(405, "Rate limit exceeded", false), rate_limited);
    EXPECT_EQ(verdict_of(405, "Your call frequency is too high", false), rate_limited);
    EXPECT_EQ(verdict_of(405, "Request method GET not supported by /generate", false), wrong_endpoint);
}

TEST(CreateOutcome, holds_for_the_key_on_401_and_403) {
    EXPECT_EQ(verdict_of(401, "You do not have access permissions"), auth);
    EXPECT_EQ(verdict_of(403, "Address not allowed"), auth);
    EXPECT_FALSE(classify_create(answer(403, envelope(403, "Access denied")), true).client_refused);
    EXPECT_EQ(verdict_of(answer(401, "Unauthorized")), auth);
}

TEST(CreateOutcome, blames_the_client_for_a_plain_cloudflare_403) {
    const auto outcome = classify_create(answer(403, "error code: 1010"), true);
    EXPECT_EQ(outcome.verdict, auth);
    EXPECT_TRUE(outcome.client_refused);
}

TEST(CreateOutcome, holds_for_credits_on_402_433_and_a_429_about_credits) {
    EXPECT_EQ(verdict_of(402, "Insufficient Credits"), credits);
    EXPECT_EQ(verdict_of(429, "The current credits are insufficient"), credits);
    EXPECT_EQ(verdict_of(429, "Your balance is too low"), credits);
    EXPECT_FALSE(classify_create(answer(200, envelope(402, "Insufficient Credits")), true).own_cap);
    const auto cap = classify_create(answer(200, envelope(433, "Sub-key Usage Exceeds Limit")), true);
    EXPECT_EQ(cap.verdict, credits);
    EXPECT_TRUE(cap.own_cap);
}

TEST(CreateOutcome, is_rejected_by_what_is_the_jobs_own_fault) {
    for (const int code : {400, 404, 409, 413, 422, 451, 499, 505}) EXPECT_EQ(verdict_of(code, "no"), rejected) << code;
    EXPECT_EQ(verdict_of(answer(422, envelope(422, "Validation Error"))), rejected);
}

TEST(CreateOutcome, is_rejected_by_a_500_that_names_a_field) {
    EXPECT_EQ(verdict_of(500, "This field is required"), rejected);
    EXPECT_EQ(verdict_of(500, "prompt is required"), rejected);
    EXPECT_EQ(verdict_of(500, "Invalid aspect_ratio"), rejected);
    EXPECT_EQ(verdict_of(500, "Invalid response from upstream"), server_error);
}

TEST(CreateOutcome, is_a_server_error_by_5xx_with_kies_body) {
    for (const int code : {408, 500, 501, 502, 503, 504, 531}) {
        EXPECT_EQ(verdict_of(code, "Server Error"), server_error) << code;
    }
    EXPECT_EQ(verdict_of(answer(502, envelope(500, "Server Error"))), server_error);
    EXPECT_EQ(verdict_of(answer(503, envelope(200, "success"))), server_error);
}

TEST(CreateOutcome, is_maintenance_by_455) {
    EXPECT_EQ(verdict_of(455, "Service Unavailable"), maintenance);
}

TEST(CreateOutcome, is_unreachable_when_the_request_did_not_leave_whole) {
    EXPECT_EQ(verdict_of(no_answer(Written::nothing, errc::unreachable)), unreachable);
    EXPECT_EQ(verdict_of(no_answer(Written::nothing, errc::tls)), unreachable);
    EXPECT_EQ(verdict_of(no_answer(Written::partly, errc::connection_lost)), unreachable);
    EXPECT_EQ(verdict_of(http::Exchange{http::ClientResponse{502, {}, "Bad Gateway"}, Written::partly}), unreachable);
}

TEST(CreateOutcome, is_unreachable_when_the_gateway_did_not_get_through) {
    for (const int status : {521, 523, 525, 526}) EXPECT_EQ(verdict_of(answer(status, "down")), unreachable) << status;
    EXPECT_EQ(verdict_of(answer(403, "")), unreachable);
    EXPECT_EQ(verdict_of(answer(429, "")), unreachable);
}

TEST(CreateOutcome, is_unknown_when_the_request_left_whole_and_no_answer_came) {
    for (const auto code : {errc::timeout, errc::connection_lost, errc::malformed, errc::too_large, errc::canceled}) {
        EXPECT_EQ(verdict_of(no_answer(Written::fully, code)), unknown) << to_string(code);
    }
}

TEST(CreateOutcome, is_unknown_by_an_unreadable_answer) {
    EXPECT_EQ(verdict_of(answer(200, "")), unknown);
    EXPECT_EQ(verdict_of(answer(200, "<html>welcome</html>")), unknown);
    EXPECT_EQ(verdict_of(answer(200, R"({"code":200,"data":)")), unknown);
    EXPECT_EQ(verdict_of(answer(200, R"({"code":200,"msg":"success","data":null})")), unknown);
    EXPECT_EQ(verdict_of(answer(200, R"({"code":200,"data":{"taskId":""}})")), unknown);
    EXPECT_EQ(verdict_of(answer(200, R"({"code":0,"data":{}})")), unknown);
    EXPECT_EQ(verdict_of(answer(302, "")), unknown);
}

TEST(CreateOutcome, is_unknown_by_a_gateway_error_without_kies_body) {
    for (const int status : {500, 502, 503, 504, 520, 522, 524, 530}) {
        EXPECT_EQ(verdict_of(answer(status, "")), unknown) << status;
        EXPECT_EQ(verdict_of(answer(status, R"({"title":"Bad Gateway"})")), unknown) << status;
    }
}

TEST(CreateOutcome, goes_to_the_next_endpoint_by_405_and_a_404_that_names_nothing) {
    EXPECT_EQ(verdict_of(405, "Request method 'POST' is not supported", false), wrong_endpoint);
    EXPECT_EQ(verdict_of(404, "No static resource api/v1/aleph/record-info", false), wrong_endpoint);
    EXPECT_EQ(verdict_of(answer(404, ""), false), wrong_endpoint);
    EXPECT_EQ(verdict_of(answer(405, "<html/>"), false), wrong_endpoint);
    EXPECT_EQ(verdict_of(405, "Request method 'POST' is not supported", true), rejected);
    EXPECT_EQ(verdict_of(404, "Not Found", true), rejected);
    EXPECT_EQ(verdict_of(answer(404, ""), true), rejected);
}

TEST(CreateOutcome, is_rejected_by_a_404_that_names_task_model_or_record) {
    EXPECT_EQ(verdict_of(404, "Task not found", false), rejected);
    EXPECT_EQ(verdict_of(404, "The model does not exist", false), rejected);
    EXPECT_EQ(verdict_of(404, "recordInfo is null", false), rejected);
}

TEST(CreateOutcome, honours_retry_after_in_seconds) {
    const auto outcome_with = [](const char* value) {
        return classify_create(answer(429, envelope(429, "slow"), {{"Retry-After", value}}), true).retry_after;
    };
    EXPECT_EQ(outcome_with("17"), std::chrono::seconds(17));
    EXPECT_EQ(outcome_with(" 3 "), std::chrono::seconds(3));
    EXPECT_EQ(outcome_with("99999999999999999999999"), std::chrono::hours(24));
    EXPECT_EQ(outcome_with("-1"), std::nullopt);
    EXPECT_EQ(outcome_with("Wed, 21 Oct 2026 07:28:00 GMT"), std::nullopt);
    EXPECT_EQ(outcome_with(""), std::nullopt);
}

TEST(CreateOutcome, keeps_kies_words_and_no_text_of_others) {
    EXPECT_EQ(classify_create(answer(200, envelope(422, "Please enter callBackUrl.")), true).message,
              "Please enter callBackUrl.");
    const auto foreign = classify_create(answer(502, "<html>token=secret</html>"), true);
    EXPECT_EQ(foreign.message.find("secret"), std::string::npos);
    EXPECT_EQ(foreign.code, 502);
}

TEST(Advice, is_there_for_what_a_person_can_act_on) {
    EXPECT_NE(advice_for(402).find("https://kie.ai/pricing"), std::string::npos);
    EXPECT_NE(advice_for(401).find("KIE_API_KEY"), std::string::npos);
    EXPECT_EQ(advice_for(200), "");
}

}  // namespace
}  // namespace genq::upstream
