#include "tests/unit/api/api_fixture.hpp"

namespace genq::api::test {
namespace {

TEST_F(ApiTest, is_healthy) {
    EXPECT_EQ(get("/healthz").status, 200);
    EXPECT_EQ(send("HEAD", "/healthz").status, 200);
}

TEST_F(ApiTest, is_ready_degraded_by_upstream_and_failing_when_it_drains) {
    auto ready = get("/readyz");
    EXPECT_EQ(ready.status, 200);
    EXPECT_EQ(json_of(ready).at("status").as_string(), "ok");
    EXPECT_EQ(json_of(ready).at("checks").as_object().size(), 7U);

    engine_.shown.upstream_ok = false;
    engine_.shown.holds = {make_hold(QueueReason::upstream_auth, "the key is refused", clock_.wall_now())};
    ready = get("/readyz");
    EXPECT_EQ(ready.status, 200);
    EXPECT_EQ(json_of(ready).at("status").as_string(), "degraded");
    EXPECT_EQ(json_of(ready).at("checks").at("upstream").at("status").as_string(), "degraded");

    api_->set_draining();
    ready = get("/readyz");
    EXPECT_EQ(ready.status, 503);
    EXPECT_EQ(ready.headers.get("Retry-After"), "5");
    EXPECT_EQ(json_of(ready).at("status").as_string(), "failing");
    EXPECT_EQ(json_of(ready).at("checks").at("draining").at("status").as_string(), "failing");
    EXPECT_EQ(get("/healthz").status, 200);
}

TEST_F(ApiTest, is_not_ready_with_a_damaged_database_and_degraded_by_damaged_blobs) {
    integrity_.blobs_damaged = 2;
    auto ready = get("/readyz");
    EXPECT_EQ(ready.status, 200);
    EXPECT_EQ(json_of(ready).at("status").as_string(), "degraded");
    EXPECT_TRUE(json_of(ready).at("checks").at("blobs").at("detail").as_string().starts_with("2 stored blobs"));

    integrity_ = {.database_damaged = true};
    ready = get("/readyz");
    EXPECT_EQ(ready.status, 503);
    EXPECT_EQ(json_of(ready).at("checks").at("database").at("status").as_string(), "failing");
    EXPECT_NE(text_of(ready).find("genqd verify"), std::string::npos);
    EXPECT_EQ(json_of(ready).at("checks").at("blobs").at("status").as_string(), "ok");
}

TEST_F(ApiTest, is_degraded_while_submissions_are_paused_and_says_why) {
    engine_.shown.holds = {make_hold(QueueReason::paused, "tidying up", clock_.wall_now()),
                           make_hold(QueueReason::paused, "", clock_.wall_now())};
    engine_.shown.holds.back().model = "veo3";
    const auto ready = get("/readyz");
    EXPECT_EQ(ready.status, 200);
    EXPECT_EQ(json_of(ready).at("status").as_string(), "degraded");
    EXPECT_EQ(json_of(ready).at("checks").at("submissions").at("detail").as_string(),
              "paused: tidying up; paused (veo3)");
    EXPECT_EQ(json_of(ready).at("checks").at("upstream").at("status").as_string(), "ok");
}

TEST_F(ApiTest, is_not_ready_without_room_on_the_disk) {
    restart({.min_free_bytes = UINT64_MAX});
    const auto ready = get("/readyz");
    EXPECT_EQ(ready.status, 503);
    EXPECT_EQ(json_of(ready).at("checks").at("disk_space").at("status").as_string(), "failing");
}

TEST_F(ApiTest, shows_metrics_of_jobs_and_requests) {
    submit();
    ASSERT_EQ(post("/v1/jobs", R"({"model":"made/up","family":"veo","input":{}})").status, 202);
    ASSERT_EQ(get("/nowhere").status, 404);
    ASSERT_EQ(send("PUT", "/v1/jobs").status, 405);
    engine_.shown.holds = {make_hold(QueueReason::credits, "top up", clock_.wall_now()),
                           make_hold(QueueReason::paused, "", clock_.wall_now())};
    engine_.shown.holds.back().model = "google/imagen4";
    const auto response = get("/metrics");
    EXPECT_EQ(response.status, 200);
    EXPECT_TRUE(response.headers.get("Content-Type").starts_with("text/plain; version=0.0.4"));
    const auto text = text_of(response);
    for (const std::string line : {
             R"(genqd_jobs{model="google/imagen4",status="queued"} 1)",
             R"(genqd_jobs{model="other",status="queued"} 1)",
             R"(genqd_http_requests_total{method="POST",route="/v1/jobs",status="202"} 2)",
             R"(genqd_http_requests_total{method="GET",route="none",status="404"} 1)",
             R"(genqd_http_requests_total{method="other",route="/v1/jobs",status="405"} 1)",
             R"(genqd_http_request_seconds_count{route="/v1/jobs"} 3)",
             R"(genqd_build_info{version="1.2.3"} 1)",
             "genqd_queue_oldest_age_seconds ",
             "genqd_credits ",
             "process_resident_memory_bytes ",
             "process_open_fds ",
             "genqd_blob_bytes 0",
             R"(genqd_hold{model="",reason="paused"} 0)",
             R"(genqd_hold{model="",reason="credits"} 1)",
             R"(genqd_hold{model="google/imagen4",reason="paused"} 1)",
         }) {
        EXPECT_NE(text.find(line), std::string::npos) << line << '\n' << text;
    }
}

}  // namespace
}  // namespace genq::api::test
