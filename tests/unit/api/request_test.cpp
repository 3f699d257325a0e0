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
    for (const std::string path : {"/assets", "/v1", "/v1/jobs/", "/v2/jobs", "/v1/jobs/x/y/z", "/v1/events/x"}) {
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

TEST_F(ApiTest, refuses_parameters_that_would_do_nothing) {
    const auto id = submit();
    for (const std::string path : {"/v1/queue", "/v1/credits", "/v1/models/google/imagen4"}) {
        EXPECT_EQ(pointers_of(get(path + "?wait=5")), std::vector<std::string>{"?wait"}) << path;
    }
    EXPECT_EQ(pointers_of(get("/v1/jobs/" + id + "/deliveries?n=1")), std::vector<std::string>{"?n"});
    EXPECT_EQ(pointers_of(post("/v1/jobs/" + id + "/cancel?force=1", "")), std::vector<std::string>{"?force"});
    EXPECT_EQ(json_of(get("/v1/jobs/" + id)).at("status").as_string(), "queued") << "and nothing was done";
    EXPECT_EQ(get("/healthz?probe=1").status, 200);
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

TEST_F(ApiTest, says_how_long_a_body_may_be) {
    const auto said = [&](const std::string& target) {
        return std::string(json_of(api_->refuse(413, "x", target)).at("detail").as_string());
    };
    EXPECT_EQ(said("/v1/jobs?x"), "the body is longer than 1048576 bytes (http.max_body_bytes)");
    EXPECT_EQ(said("/v1/files"), "the file is longer than 1073741824 bytes (http.max_file_bytes)");
    EXPECT_EQ(said("/v1/batches"),
              "the batch is longer than 16777216 bytes, 16 times http.max_body_bytes: send it as several");
    EXPECT_EQ(api_->streamed({.method = "POST", .target = "/v1/batches"}), 16U << 20U);
    EXPECT_FALSE(api_->streamed({.method = "POST", .target = "/v1/jobs"}));
}

TEST_F(ApiTest, takes_one_idempotency_key_only) {
    const std::string body = R"({"model":"google/imagen4","input":{"prompt":"x"}})";
    const auto refused = post("/v1/jobs", body, {{"Idempotency-Key", "a"}, {"idempotency-key", "a"}});
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(pointers_of(refused), std::vector<std::string>{"Idempotency-Key"});
    EXPECT_TRUE(json_of(get("/v1/jobs")).at("jobs").as_array().empty());
    EXPECT_EQ(post("/v1/jobs", body, {{"Idempotency-Key", "a"}}).status, 202);
}

TEST_F(ApiTest, knows_a_large_body_again_by_its_key) {
    const auto body = [](char c) {
        return R"({"model":"google/imagen4","input":{"prompt":")" + std::string(200'000, c) + R"("}})";
    };
    EXPECT_EQ(post("/v1/jobs", body('x'), {{"Idempotency-Key", "a"}}).status, 202);
    EXPECT_EQ(post("/v1/jobs", body('x'), {{"Idempotency-Key", "a"}}).status, 200);
    EXPECT_EQ(code_of(post("/v1/jobs", body('y'), {{"Idempotency-Key", "a"}})), "idempotency_conflict");
}

TEST_F(ApiTest, says_of_the_whole_body_what_is_wrong_with_it_in_a_sentence) {
    for (const std::string path : {"/v1/jobs", "/v1/queue/pause"}) {
        const auto refused = post(path, "[]");
        EXPECT_EQ(refused.status, 422);
        EXPECT_EQ(json_of(refused).at("detail").as_string(), "the body must be a JSON object");
        EXPECT_EQ(pointers_of(refused), std::vector<std::string>{""});
    }
    EXPECT_EQ(json_of(get("/v1/jobs?%ff=1")).at("detail").as_string(), "the name of a query parameter is not UTF-8");
}

TEST_F(ApiTest, is_open_always_where_it_tells_nothing_of_the_jobs) {
    for (const std::string path : {"/healthz", "/openapi.json"}) {
        EXPECT_EQ(get(path, {{"Host", "balancer.example"}}).status, 200) << path;
    }
    EXPECT_EQ(code_of(get("/v1/queue", {{"Host", "balancer.example"}})), "misdirected");
    EXPECT_EQ(code_of(get("/readyz", {{"Host", "balancer.example"}})), "misdirected");
}

TEST_F(ApiTest, turns_away_by_the_header_alone_what_it_will_not_take) {
    const auto head = [](std::string method, std::string target, http::Fields more = {}) {
        more.add("Host", "127.0.0.1:8080");
        return http::Request{.method = std::move(method),
                             .target = std::move(target),
                             .headers = std::move(more),
                             .body = "",
                             .peer = "127.0.0.1:9",
                             .has_length = true};
    };
    const http::Fields json{{"Content-Type", "application/json"}};
    EXPECT_FALSE(api_->turned_away(head("POST", "/v1/jobs", json)));
    const std::vector<std::tuple<http::Request, int>> rows{
        {head("POST", "/v1/nothing", json), 404},
        {head("PUT", "/v1/jobs", json), 405},
        {head("POST", "/v1/jobs", {{"Content-Type", "text/plain"}}), 415},
        {head("POST", "/v1/jobs", {{"Content-Type", "application/json"}, {"Origin", "https://evil.example"}}), 403},
    };
    for (const auto& [request, status] : rows) {
        const auto answer = api_->turned_away(request);
        ASSERT_TRUE(answer) << request.target;
        EXPECT_EQ(answer->status, status);
        EXPECT_NE(code_of(*answer), "");
    }
    use_tokens({{.name = "ci", .sha256 = std::string(64, '0'), .scopes = {Scope::submit}}});
    EXPECT_EQ(api_->turned_away(head("POST", "/v1/jobs", json))->status, 401);
}

TEST_F(ApiTest, takes_nothing_new_while_it_drains_and_still_shows_what_there_is) {
    const auto id = submit();
    api_->set_draining();
    for (const auto& [method, path] : std::vector<std::pair<std::string, std::string>>{
             {"POST", "/v1/jobs"},
             {"POST", "/v1/jobs/" + id + "/cancel"},
             {"POST", "/v1/jobs/" + id + "/retry"},
             {"DELETE", "/v1/jobs/" + id},
             {"POST", "/v1/queue/pause"},
             {"POST", "/v1/queue/resume"},
             {"GET", "/v1/credits"},
         }) {
        const auto refused = send(method, path);
        EXPECT_EQ(refused.status, 503) << method << path;
        EXPECT_EQ(code_of(refused), "overloaded");
    }
    EXPECT_EQ(json_of(get("/v1/jobs/" + id)).at("status").as_string(), "queued");
    EXPECT_FALSE(engine_.paused || engine_.resumed);
}

}  // namespace
}  // namespace genq::api::test
