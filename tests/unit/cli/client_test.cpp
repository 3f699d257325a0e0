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
    EXPECT_THAT(refusal_text({401, {}, "{}"}), HasSubstr("GENQD_TOKEN"));
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

TEST(Endpoint, comes_from_options_before_variables) {
    const app::Environment environment{{"GENQD_URL", "https://genqd.example:1/"}, {"GENQD_TOKEN", "t"}};
    EXPECT_EQ(find_endpoint({}, {})->url, "http://127.0.0.1:8080");
    EXPECT_EQ(find_endpoint({}, environment)->url, "https://genqd.example:1");
    EXPECT_EQ(find_endpoint({}, environment)->token, "t");
    EXPECT_EQ(find_endpoint({.url = "http://h:2", .token_file = ""}, environment)->url, "http://h:2");
    for (const char* bad : {"example.com", "ftp://x", "http://", "http://h/?a=1", "http://h/#x"}) {
        EXPECT_FALSE(find_endpoint({.url = bad, .token_file = ""}, {})) << bad;
    }
    EXPECT_FALSE(find_endpoint({.url = "", .token_file = "/nonexistent"}, {}));
}

}  // namespace
}  // namespace genq::cli
