#include "tests/unit/api/api_fixture.hpp"

#include "server/api/request_context.hpp"

namespace genq::api::test {
namespace {

TEST_F(ApiTest, takes_over_a_sane_request_id_and_makes_one_else) {
    EXPECT_EQ(get("/healthz", {{"X-Request-Id", "a.B-9_z"}}).headers.get("X-Request-Id"), "a.B-9_z");
    EXPECT_EQ(get("/healthz", {{"X-Request-Id", std::string(128, 'x')}}).headers.get("X-Request-Id"),
              std::string(128, 'x'));
    for (const auto& id : {std::string(), std::string("a b"), std::string(129, 'x'), std::string("a\"b")}) {
        const auto response = get("/healthz", {{"X-Request-Id", id}});
        EXPECT_NE(response.headers.get("X-Request-Id"), id);
        EXPECT_TRUE(is_sane_request_id(response.headers.get("X-Request-Id")));
    }
}

TEST_F(ApiTest, tells_404_from_405) {
    for (const std::string path :
         {"/", "/v1", "/v1/jobs/", "/v2/jobs", "/v1/jobs/x/y/z", "/v1/batches", "/v1/events"}) {
        EXPECT_EQ(code_of(get(path)), "not_found") << path;
    }
    const std::vector<std::tuple<std::string, std::string, std::string>> rows{
        {"PUT", "/v1/jobs", "POST, GET, HEAD"},     {"POST", "/v1/jobs/x", "GET, HEAD, DELETE"},
        {"GET", "/v1/jobs/x/cancel", "POST"},       {"HEAD", "/v1/queue/pause", "POST"},
        {"DELETE", "/healthz", "GET, HEAD"},        {"OPTIONS", "/v1/queue", "GET, HEAD"},
        {"PATCH", "/v1/models/a/b/c", "GET, HEAD"},
    };
    for (const auto& [method, path, allow] : rows) {
        const auto response = send(method, path);
        EXPECT_EQ(response.status, 405) << method << path;
        EXPECT_EQ(code_of(response), "method_not_allowed");
        EXPECT_EQ(response.headers.get("Allow"), allow) << method << path;
    }
}

TEST_F(ApiTest, refuses_a_target_that_can_not_be_read) {
    for (const std::string target : {"/v1/jobs?status=%zz", "/%", "*"}) {
        const auto response = get(target);
        EXPECT_EQ(response.status, 400) << target;
        EXPECT_EQ(code_of(response), "invalid_json");
    }
}

TEST_F(ApiTest, wants_a_length_where_it_wants_a_body) {
    const http::Request bare{.method = "POST", .target = "/v1/jobs", .headers = {{"Host", "127.0.0.1:8080"}}};
    const auto refused = run(api_->handle(bare));
    EXPECT_EQ(refused.status, 411);
    EXPECT_EQ(code_of(refused), "length_required");
    const http::Request resume{.method = "POST", .target = "/v1/queue/resume", .headers = {{"Host", "127.0.0.1:8080"}}};
    EXPECT_EQ(run(api_->handle(resume)).status, 200);
}

TEST_F(ApiTest, takes_no_coded_body) {
    const auto refused = post("/v1/jobs", "{}", {{"Content-Encoding", "gzip"}});
    EXPECT_EQ(refused.status, 415);
    EXPECT_EQ(code_of(refused), "unsupported_media_type");
}

TEST_F(ApiTest, says_what_the_session_refuses_as_a_problem) {
    const std::vector<std::pair<int, std::string>> rows{
        {400, "invalid_json"}, {408, "request_timeout"},   {411, "length_required"}, {413, "payload_too_large"},
        {417, "invalid_json"}, {431, "payload_too_large"}, {501, "invalid_json"},    {503, "overloaded"},
    };
    for (const auto& [status, code] : rows) {
        const auto response = api_->refuse(status, "said by the session");
        EXPECT_EQ(response.status, status);
        EXPECT_EQ(code_of(response), code);
    }
}

TEST(Traceparent, is_taken_only_in_its_form) {
    EXPECT_TRUE(is_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
    EXPECT_TRUE(is_traceparent("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more"));
    for (const std::string_view text : {"", "x", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                                        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                                        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                                        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"}) {
        EXPECT_FALSE(is_traceparent(text)) << text;
    }
}

}  // namespace
}  // namespace genq::api::test
