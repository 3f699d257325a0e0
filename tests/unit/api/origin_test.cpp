#include "tests/unit/api/api_fixture.hpp"

namespace genq::api::test {
namespace {

const std::string plain_job = R"({"model":"google/imagen4","input":{}})";

TEST_F(ApiTest, takes_only_hosts_of_its_own_while_there_is_no_token) {
    restart({.host_names = {"queue.example"}, .public_url = "https://public.example:8443/base"});
    for (const std::string host : {"127.0.0.1", "127.0.0.1:8080", "[::1]:8080", "[::1]", "10.1.2.3", "localhost",
                                   "LocalHost:1", "queue.example:8080", "public.example"}) {
        EXPECT_EQ(get("/v1/jobs", {{"Host", host}}).status, 200) << host;
    }
    for (const std::string host :
         {"evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "localhost:x",
          "[::1", "", "::1:80:80", "localhost@evil.example"}) {
        const auto response = get("/v1/jobs", {{"Host", host}});
        EXPECT_EQ(response.status, 421) << host;
        EXPECT_EQ(code_of(response), "misdirected") << host;
    }
    EXPECT_EQ(get("/healthz", {{"Host", "evil.example"}}).status, 200);
    EXPECT_EQ(get("http://evil.example/v1/jobs").status, 421);
    EXPECT_EQ(get("http://localhost:1/v1/jobs").status, 200);
}

TEST_F(ApiTest, refuses_changes_that_foreign_pages_ask_for) {
    const std::vector<std::pair<http::Fields, int>> rows{
        {{{"Origin", "https://evil.example"}}, 403},
        {{{"Origin", "null"}}, 403},
        {{{"Sec-Fetch-Site", "cross-site"}}, 403},
        {{{"Origin", "http://127.0.0.1:8080"}, {"Sec-Fetch-Site", "cross-site"}}, 403},
        {{{"Origin", "http://127.0.0.1:8080"}}, 202},
        {{{"Origin", "http://127.0.0.1:8080"}, {"Sec-Fetch-Site", "same-origin"}}, 202},
        {{{"Sec-Fetch-Site", "none"}}, 202},
        {{{"Origin", "http://127.0.0.1:9999"}}, 403},
        {{{"Origin", "http://127.0.0.1:8080"}, {"Origin", "https://evil.example"}}, 403},
        {{{"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "cross-site"}}, 403},
    };
    for (const auto& [headers, status] : rows) EXPECT_EQ(post("/v1/jobs", plain_job, headers).status, status);
    EXPECT_EQ(code_of(post("/v1/jobs", plain_job, {{"Origin", "https://evil.example"}})), "forbidden");
    const auto read = get("/v1/jobs", {{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}});
    EXPECT_EQ(read.status, 200);
    EXPECT_FALSE(read.headers.has("Access-Control-Allow-Origin"));
    EXPECT_EQ(
        send("OPTIONS", "/v1/jobs", {{"Origin", "https://evil.example"}, {"Access-Control-Request-Method", "POST"}})
            .status,
        403);
}

TEST_F(ApiTest, lets_pages_in_that_the_configuration_names) {
    restart({.cors_origins = {"https://app.example"}});
    const http::Fields page{{"Origin", "https://app.example"}, {"Sec-Fetch-Site", "cross-site"}};
    const auto response = post("/v1/jobs", plain_job, page);
    EXPECT_EQ(response.status, 202);
    EXPECT_EQ(response.headers.get("Access-Control-Allow-Origin"), "https://app.example");
    EXPECT_EQ(response.headers.get("Vary"), "Origin");
    EXPECT_NE(response.headers.get("Access-Control-Expose-Headers").find("ETag"), std::string_view::npos);
    auto asking = page;
    asking.add("Access-Control-Request-Method", "DELETE");
    const auto preflight = send("OPTIONS", "/v1/jobs/x", asking);
    EXPECT_EQ(preflight.status, 204);
    EXPECT_NE(preflight.headers.get("Access-Control-Allow-Methods").find("DELETE"), std::string_view::npos);
    EXPECT_NE(preflight.headers.get("Access-Control-Allow-Headers").find("Idempotency-Key"), std::string_view::npos);
    EXPECT_EQ(post("/v1/jobs", plain_job, {{"Origin", "https://other.example"}}).status, 403);
    EXPECT_FALSE(get("/v1/jobs", {{"Origin", "https://other.example"}}).headers.has("Access-Control-Allow-Origin"));
}

}  // namespace
}  // namespace genq::api::test
