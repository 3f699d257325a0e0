#include "common/crypto/sha256.hpp"
#include "tests/unit/api/api_fixture.hpp"

namespace genq::api::test {
namespace {

Token token(const std::string& text, Scopes scopes) {
    return {.name = text, .sha256 = crypto::sha256_hex(text + "-secret"), .scopes = scopes};
}

http::Fields as(const std::string& name) {
    return {{"Authorization", "Bearer " + name + "-secret"}};
}

class AuthTest : public ApiTest {
  protected:
    AuthTest() {
        use_tokens({token("maker", {Scope::submit}), token("other", {Scope::submit}), token("reader", {Scope::read}),
                    token("both", {Scope::submit, Scope::read}), token("boss", {Scope::admin})});
    }
};

TEST_F(AuthTest, asks_for_a_token_that_it_knows) {
    for (const http::Fields& headers :
         {http::Fields{}, http::Fields{{"Authorization", "Bearer nope"}}, http::Fields{{"Authorization", "Basic eDp5"}},
          http::Fields{{"Authorization", "Bearer"}}, http::Fields{{"Authorization", "maker-secret"}}}) {
        const auto response = get("/v1/jobs", headers);
        EXPECT_EQ(response.status, 401);
        EXPECT_EQ(code_of(response), "unauthorized");
        EXPECT_TRUE(response.headers.get("WWW-Authenticate").starts_with("Bearer"));
    }
    EXPECT_EQ(get("/v1/jobs", {{"Authorization", "bearer reader-secret"}}).status, 200);
}

TEST_F(AuthTest, demands_the_scope_of_each_route) {
    const auto id = submit("", as("maker"));
    struct Row {
        std::string method, target, who;
        int status;
    };
    const std::vector<Row> rows{
        {"POST", "/v1/jobs", "reader", 403},
        {"POST", "/v1/jobs", "boss", 403},
        {"GET", "/v1/jobs", "boss", 403},
        {"GET", "/v1/jobs/" + id, "boss", 403},
        {"GET", "/v1/models", "maker", 403},
        {"GET", "/v1/models", "reader", 200},
        {"GET", "/v1/queue", "maker", 403},
        {"GET", "/v1/credits", "reader", 200},
        {"POST", "/v1/queue/pause", "both", 403},
        {"POST", "/v1/queue/pause", "boss", 200},
        {"POST", "/v1/queue/resume", "reader", 403},
        {"POST", "/v1/jobs/" + id + "/cancel", "reader", 403},
        {"POST", "/v1/jobs/" + id + "/deliveries/1/redeliver", "both", 403},
        {"POST", "/v1/jobs/" + id + "/deliveries/1/redeliver", "boss", 404},
        {"GET", "/v1/jobs/" + id + "/deliveries", "maker", 200},
        {"GET", "/healthz", "nobody", 200},
        {"GET", "/openapi.json", "nobody", 200},
        {"GET", "/readyz", "nobody", 200},
        {"GET", "/metrics", "nobody", 200},
    };
    for (const auto& row : rows) {
        const auto response = send(row.method, row.target, as(row.who));
        EXPECT_EQ(response.status, row.status) << row.method << ' ' << row.target << ' ' << row.who;
        if (row.status == 403) EXPECT_EQ(code_of(response), "forbidden");
    }
}

TEST_F(AuthTest, closes_readyz_and_metrics_if_told_to) {
    restart({.readyz_open = false, .metrics_open = false});
    for (const std::string path : {"/readyz", "/metrics"}) {
        EXPECT_EQ(get(path).status, 401);
        EXPECT_EQ(get(path, as("maker")).status, 403);
        EXPECT_NE(get(path, as("reader")).status, 403);
    }
}

TEST_F(AuthTest, shows_a_job_to_readers_and_to_its_owner) {
    const auto id = submit("", as("maker"));
    for (const std::string path : {"", "/events", "/outputs", "/outputs/0"}) {
        const auto target = "/v1/jobs/" + id + path;
        EXPECT_EQ(get(target, as("other")).status, 404) << path;
        const int expected = path == "/outputs/0" ? 404 : 200;
        EXPECT_EQ(get(target, as("maker")).status, expected) << path;
        EXPECT_EQ(get(target, as("reader")).status, expected) << path;
    }
    EXPECT_EQ(json_of(get("/v1/jobs/" + id, as("reader"))).at("caller").as_string(), "maker");
    EXPECT_EQ(json_of(get("/v1/jobs", as("other"))).at("jobs").as_array().size(), 0U);
    EXPECT_EQ(json_of(get("/v1/jobs?caller=maker", as("other"))).at("jobs").as_array().size(), 0U);
    EXPECT_EQ(json_of(get("/v1/jobs", as("maker"))).at("jobs").as_array().size(), 1U);
    EXPECT_EQ(json_of(get("/v1/jobs", as("reader"))).at("jobs").as_array().size(), 1U);
}

TEST_F(AuthTest, lets_only_owners_and_admins_change_a_job) {
    const auto id = submit("", as("maker"));
    EXPECT_EQ(send("POST", "/v1/jobs/" + id + "/cancel", as("other")).status, 404);
    EXPECT_EQ(code_of(send("POST", "/v1/jobs/" + id + "/cancel", as("both"))), "forbidden");
    EXPECT_EQ(stored(id).status, JobStatus::queued);
    EXPECT_EQ(send("POST", "/v1/jobs/" + id + "/cancel", as("boss")).status, 200);
    EXPECT_EQ(send("DELETE", "/v1/jobs/" + id, as("both")).status, 403);
    EXPECT_EQ(send("POST", "/v1/jobs/" + id + "/retry", as("other")).status, 404);
    EXPECT_EQ(send("DELETE", "/v1/jobs/" + id, as("maker")).status, 204);
}

TEST_F(AuthTest, keeps_the_keys_of_callers_apart) {
    const std::string body = R"({"model":"google/imagen4","input":{}})";
    auto maker = as("maker");
    maker.add("Idempotency-Key", "k");
    auto other = as("other");
    other.add("Idempotency-Key", "k");
    EXPECT_EQ(post("/v1/jobs", body, maker).status, 202);
    EXPECT_EQ(post("/v1/jobs", body, other).status, 202);
}

TEST_F(AuthTest, does_not_care_for_the_host_once_there_are_tokens) {
    auto headers = as("reader");
    headers.add("Host", "anything.example");
    EXPECT_EQ(get("/v1/jobs", headers).status, 200);
}

}  // namespace
}  // namespace genq::api::test
