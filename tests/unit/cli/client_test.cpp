#include "server/cli/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/object.hpp>

#include "server/cli/exit_code.hpp"
#include "server/cli/wait.hpp"
#include "tests/unit/cli/scripted_transport.hpp"

namespace genq::cli {
namespace {

using ::testing::HasSubstr;

class ClientTest : public ::testing::Test {
  protected:
    boost::asio::io_context io_{1};
    SystemClock clock_;
    test::ScriptedTransport transport_;
    Client client_{io_, clock_, transport_, "http://127.0.0.1:8080", "secret"};
};

TEST_F(ClientTest, sends_the_token_and_json) {
    transport_.answer(202, R"({"id":"1"})");
    const auto job = ask(client_, {.method = "POST", .target = "/v1/jobs", .body = boost::json::object{{"a", 1}}});
    ASSERT_TRUE(job);
    const auto& request = transport_.requests().at(0);
    EXPECT_EQ(request.url, "http://127.0.0.1:8080/v1/jobs");
    EXPECT_EQ(request.headers.get("Authorization"), "Bearer secret");
    EXPECT_EQ(request.headers.get("Content-Type"), "application/json");
    EXPECT_EQ(request.body, R"({"a":1})");
}

TEST_F(ClientTest, maps_what_happens_to_exit_codes) {
    transport_.answer(200, "{}");
    EXPECT_TRUE(ask(client_, {.target = "/"}));
    for (const int status : {401, 404, 409, 422, 429, 500, 503}) {
        transport_.answer(status, "{}");
        EXPECT_EQ(ask(client_, {.target = "/"}).error(), exit_refused) << status;
    }
    for (const errc code : {errc::unreachable, errc::timeout, errc::connection_lost, errc::malformed, errc::tls}) {
        transport_.fail_with(code);
        EXPECT_EQ(ask(client_, {.target = "/"}).error(), exit_unreachable) << to_string(code);
    }
}

TEST_F(ClientTest, shows_a_problem_with_each_pointer) {
    const http::ClientResponse response{
        422, {}, R"({"title":"Validation failed","detail":"2 faults","code":"validation_failed",
        "errors":[{"pointer":"/input/prompt","detail":"is missing"},{"pointer":"/priority","detail":"is\u001b[0m too big"}]})"};
    EXPECT_EQ(
        refusal_text(response),
        "The daemon refused (validation_failed): 2 faults\n  /input/prompt: is missing\n  /priority: is?[0m too big\n");
    EXPECT_EQ(refusal_text({502, {}, "<html>"}), "The daemon refused: it answered with HTTP 502\n");
    EXPECT_THAT(refusal_text({401, {}, "{}"}), HasSubstr("A token is needed"));
    const http::Fields known{{"WWW-Authenticate", "Bearer realm=\"genqd\", error=\"invalid_token\""}};
    EXPECT_THAT(refusal_text({401, known, "{}"}), HasSubstr("does not know the token that it was shown"));
}

TEST_F(ClientTest, says_a_fault_once_and_in_the_words_of_its_options) {
    const auto said = [](const std::string& body, const Call& call = {}) {
        return refusal_text(http::ClientResponse{422, {}, body}, call);
    };
    EXPECT_EQ(said(R"({"code":"c","detail":"/a is missing","errors":[{"pointer":"/a","detail":"is missing"}]})"),
              "The daemon refused (c): /a: is missing\n");
    EXPECT_EQ(said(R"({"code":"c","detail":"/a is missing; see errors for the others",
                       "errors":[{"pointer":"/a","detail":"is missing"},{"pointer":"/b","detail":"is bad"}]})"),
              "The daemon refused (c): 2 faults\n  /a: is missing\n  /b: is bad\n");
    EXPECT_EQ(said(R"j({"detail":"?created_after must be a time (a + is written %2B)","errors":[
                       {"pointer":"?created_after","detail":"must be a time (a + is written %2B)"}]})j"),
              "The daemon refused: --created-after: must be a time\n");
    EXPECT_THAT(said(R"({"detail":"x","errors":[{"pointer":"?label.a","detail":"is bad"}]})"),
                HasSubstr("--label: is bad"));
    EXPECT_EQ(
        said(R"({"detail":"a retry pays anew; send {\"resubmit\":true} to do that"})", {.target = "", .about = "01A"}),
        "01A: The daemon refused: a retry pays anew; --resubmit does that\n");
}

TEST_F(ClientTest, takes_no_other_server_for_a_daemon) {
    for (const char* body : {"<html>", "", "[]", "\"ok\""}) {
        transport_.answer(200, body);
        EXPECT_EQ(ask(client_, {.target = "/"}).error(), exit_unreachable) << body;
        transport_.answer(200, body);
        EXPECT_EQ(wait_for_job(client_, "1", std::nullopt).error(), exit_unreachable) << body;
    }
    transport_.answer(204, "");
    EXPECT_TRUE(ask(client_, {.method = "DELETE", .target = "/"}));
}

TEST_F(ClientTest, waits_for_the_others_when_one_is_not_known) {
    transport_.answer(404, "{}");
    transport_.answer(200, R"({"id":"2","status":"generating"})");
    transport_.answer(200, R"({"id":"3","status":"succeeded"})");
    const auto waited = wait_for_all(client_, {"1", "2", "3"}, {.timeout_s = 0});
    EXPECT_EQ(waited.code, exit_gave_up);
    EXPECT_EQ(waited.unfinished, std::vector<std::string>{"2"});
    transport_.fail_with(errc::tls);
    EXPECT_EQ(wait_for_all(client_, {"1", "2"}, {}).code, exit_unreachable);
    EXPECT_EQ(transport_.requests().size(), 4U);
}

TEST_F(ClientTest, waits_until_a_job_is_done_through_a_restart) {
    transport_.answer(200, R"({"id":"1","status":"generating"})");
    transport_.fail_with(errc::connection_lost);
    transport_.answer(200, R"({"id":"1","status":"succeeded"})");
    const auto job = wait_for_job(client_, "1", std::nullopt);
    ASSERT_TRUE(job);
    EXPECT_EQ(transport_.requests().size(), 3U);
    EXPECT_THAT(transport_.requests().at(0).url, HasSubstr("/v1/jobs/1?wait="));
}

TEST_F(ClientTest, gives_up_when_the_time_is_over) {
    transport_.answer(200, R"({"id":"1","status":"generating"})");
    EXPECT_EQ(wait_for_job(client_, "1", 0).error(), exit_gave_up);
    EXPECT_THAT(transport_.requests().at(0).url, HasSubstr("wait=0"));
}

}  // namespace
}  // namespace genq::cli
