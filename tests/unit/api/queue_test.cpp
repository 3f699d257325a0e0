#include "common/core/rfc3339.hpp"
#include "tests/unit/api/api_fixture.hpp"

namespace genq::api::test {
namespace {

TEST_F(ApiTest, shows_the_queue) {
    submit();
    clock_.advance(io_, std::chrono::seconds(5));
    engine_.shown.holds = {make_hold(QueueReason::credits, "top up", clock_.wall_now())};
    engine_.shown.credits = 0.5;
    engine_.shown.next_token_in = std::chrono::milliseconds(1'200);
    const auto steady = clock_.now();
    engine_.shown.token_returns = {steady - std::chrono::seconds(1), steady + std::chrono::milliseconds(700)};
    const auto queue = json_of(get("/v1/queue"));
    ASSERT_EQ(queue.at("limiter").at("returns_in_ms").as_array().size(), 1);
    EXPECT_EQ(queue.at("limiter").at("returns_in_ms").at(0).as_int64(), 700);
    EXPECT_EQ(queue.at("depth").at("queued").as_int64(), 1);
    EXPECT_EQ(queue.at("depth").at("failed").as_int64(), 0);
    EXPECT_EQ(queue.at("oldest_age_s").as_double(), 5.0);
    EXPECT_EQ(queue.at("holds").at(0).at("reason").as_string(), "credits");
    EXPECT_EQ(queue.at("holds").at(0).at("detail").as_string(), "top up");
    EXPECT_TRUE(queue.at("holds").at(0).at("until").is_null());
    EXPECT_EQ(queue.at("limiter").at("limit").as_int64(), 20);
    EXPECT_EQ(queue.at("limiter").at("next_token_in_ms").as_int64(), 1'200);
    EXPECT_EQ(queue.at("credits").at("balance").as_double(), 0.5);
    EXPECT_TRUE(queue.at("estimated_drain_s").is_null());
    engine_.shown.holds.clear();
    EXPECT_EQ(json_of(get("/v1/queue")).at("estimated_drain_s").as_double(), 1.2);
}

TEST_F(ApiTest, tells_whose_turn_comes_next) {
    EXPECT_TRUE(json_of(get("/v1/queue")).at("next").as_array().empty());
    const auto told = [this] {
        std::vector<std::string> ids;
        for (const auto& id : json_of(get("/v1/queue")).at("next").as_array()) ids.emplace_back(id.as_string());
        return ids;
    };
    const auto job = [this](const std::string& model, int priority) {
        const auto response =
            post("/v1/jobs", R"({"model":")" + model + R"(","input":{"prompt":"a lake"},"priority":)" +
                                 std::to_string(priority) + "}");
        EXPECT_EQ(response.status, 202);
        return std::string(json_of(response).at("id").as_string());
    };
    std::vector<std::string> plain;
    plain.reserve(6);
    for (int i = 0; i < 6; ++i) plain.push_back(job("google/imagen4", 0));
    const auto urgent = job("google/imagen4", 5);
    const auto held = job("google/imagen4-fast", 9);
    engine_.shown.paused_models = {"google/imagen4-fast"};
    EXPECT_EQ(told(), (std::vector<std::string>{urgent, plain[0], plain[1], plain[2], plain[3]}));
    engine_.shown.paused_models.clear();
    EXPECT_EQ(told().front(), held);
}

TEST_F(ApiTest, tells_what_the_queue_did_step_by_step) {
    const auto from = clock_.wall_now();
    const auto id = submit();
    clock_.advance(io_, std::chrono::seconds(90));
    make_succeeded(id, "x", "text/plain", "x.txt");
    submit();
    const auto past = json_of(get("/v1/queue/history"));
    EXPECT_EQ(past.at("step_s").as_int64(), 60);
    const auto& points = past.at("points").as_array();
    EXPECT_GE(points.size(), 60U);
    EXPECT_LE(points.size(), 62U);
    std::int64_t accepted = 0;
    for (const auto& point : points) accepted += point.at("accepted").as_int64();
    EXPECT_EQ(accepted, 2);
    const auto& last = points.back();
    EXPECT_EQ(last.at("accepted").as_int64(), 1);
    EXPECT_EQ(last.at("creates").as_int64(), 1);
    EXPECT_EQ(last.at("succeeded").as_int64(), 1);
    EXPECT_EQ(last.at("wait_mean_s").to_number<double>(), 90);
    EXPECT_EQ(last.at("wait_max_s").to_number<double>(), 90);
    EXPECT_TRUE(last.at("detection_lag_mean_s").is_null());
    EXPECT_TRUE(points.front().at("wait_mean_s").is_null());
    const auto week = json_of(get("/v1/queue/history?from=" + to_rfc3339(from - std::chrono::hours(7 * 24))));
    EXPECT_EQ(week.at("step_s").as_int64(), 3'600);
    EXPECT_EQ(json_of(get("/v1/queue/history?step_s=1800")).at("points").as_array().size(), 3U);
}

TEST_F(ApiTest, makes_no_more_points_than_it_says) {
    const auto points = [this](const std::string& query) {
        return json_of(get("/v1/queue/history?" + query)).at("points").as_array().size();
    };
    EXPECT_EQ(points("from=2026-01-01T15:00:00Z&to=2026-01-01T19:00:00Z"), 240U);
    EXPECT_LE(points("from=2026-01-01T15:00:30Z&to=2026-01-01T19:00:30Z"), 240U);
    EXPECT_LE(points("from=2025-12-02T19:00:00Z&to=2026-01-01T19:00:00Z"), 240U);
    EXPECT_EQ(points("from=2026-01-01T18:00:00Z&to=2026-01-02T19:00:00Z&step_s=60"), 1'500U);
    EXPECT_EQ(get("/v1/queue/history?from=2026-01-01T18:00:30Z&to=2026-01-02T19:00:30Z&step_s=60").status, 422);
}

TEST_F(ApiTest, refuses_a_bad_time_of_the_queues_history) {
    for (const auto* query : {"step_s=61", "step_s=0", "step_s=90000", "from=2026-01-01T00:00:00Z&step_s=60"}) {
        EXPECT_EQ(pointers_of(get(std::string("/v1/queue/history?") + query)), std::vector<std::string>{"?step_s"})
            << query;
    }
    EXPECT_EQ(pointers_of(get("/v1/queue/history?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z")),
              std::vector<std::string>{"?from"});
    EXPECT_EQ(pointers_of(get("/v1/queue/history?from=1990-01-01T00:00:00Z")), std::vector<std::string>{"?from"});
    EXPECT_EQ(pointers_of(get("/v1/queue/history?until=now")), std::vector<std::string>{"?until"});
}

TEST_F(ApiTest, pauses_and_resumes) {
    EXPECT_EQ(send("POST", "/v1/queue/pause").status, 200);
    EXPECT_EQ(engine_.paused->model, "");
    EXPECT_FALSE(engine_.paused->until);
    const auto response =
        post("/v1/queue/pause", R"({"until":"2030-01-01T00:00:00Z","model":"kling-3.0","reason":"lunch"})");
    EXPECT_EQ(response.status, 200);
    EXPECT_TRUE(json_of(response).at("depth").is_object());
    EXPECT_EQ(engine_.paused->model, "kling-3.0/video");
    EXPECT_EQ(engine_.paused->reason, "lunch");
    EXPECT_TRUE(engine_.paused->until);
    EXPECT_EQ(post("/v1/queue/resume", R"({"model":"kling-3.0"})").status, 200);
    EXPECT_EQ(engine_.resumed, "kling-3.0/video");
    EXPECT_EQ(post("/v1/queue/resume", R"({"model":null})").status, 200);
    EXPECT_EQ(engine_.resumed, "");
}

TEST_F(ApiTest, refuses_a_bad_pause) {
    EXPECT_EQ(pointers_of(post("/v1/queue/pause", R"({"until":"2001-01-01T00:00:00Z","model":1,"why":2})")),
              (std::vector<std::string>{"/why", "/model", "/until"}));
    EXPECT_EQ(pointers_of(post("/v1/queue/resume", R"({"until":null})")), std::vector<std::string>{"/until"});
    EXPECT_EQ(pointers_of(post("/v1/queue/resume", R"({"fail_queued":true})")),
              std::vector<std::string>{"/fail_queued"});
    EXPECT_EQ(pointers_of(post("/v1/queue/resume", R"({"restored":true,"model":"veo3"})")),
              std::vector<std::string>{"/model"});
    EXPECT_FALSE(engine_.released);
    EXPECT_FALSE(engine_.paused || engine_.resumed);
}

TEST_F(ApiTest, tells_the_balance_or_that_it_can_not_be_asked_for) {
    EXPECT_EQ(json_of(get("/v1/credits")).at("credits").as_double(), 812.5);
    for (const errc code : {errc::timeout, errc::unreachable, errc::forbidden, errc::malformed}) {
        engine_.balance = fail(code, "secret inside");
        const auto response = get("/v1/credits");
        EXPECT_EQ(response.status, 502);
        EXPECT_EQ(code_of(response), "upstream_unavailable");
        EXPECT_EQ(text_of(response).find("secret"), std::string::npos);
    }
    engine_.balance = fail(errc::busy, "secret inside");
    const auto refused_for_rate = get("/v1/credits");
    EXPECT_EQ(refused_for_rate.status, 503);
    EXPECT_TRUE(refused_for_rate.headers.has("Retry-After"));
    EXPECT_NE(text_of(refused_for_rate).find("kie.ai refuses requests for their rate"), std::string::npos);
}

TEST_F(ApiTest, pauses_no_model_that_nobody_has) {
    const auto refused = post("/v1/queue/pause", R"({"model":"google/imagen44"})");
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(code_of(refused), "unknown_model");
    EXPECT_EQ(json_of(refused).at("detail").as_string(),
              "google/imagen44 is not in the catalogue. Did you mean google/imagen4?");
    EXPECT_EQ(pointers_of(refused), std::vector<std::string>{"/model"});
    EXPECT_FALSE(engine_.paused);
    ASSERT_EQ(post("/v1/jobs", R"({"model":"new/model","family":"market","input":{}})").status, 202);
    EXPECT_EQ(post("/v1/queue/pause", R"({"model":"new/model"})").status, 200);
    EXPECT_EQ(engine_.paused->model, "new/model");
}

TEST_F(ApiTest, gives_a_reason_only_while_somebody_waits) {
    engine_.shown.reason_detail = "no token is free";
    auto queue = json_of(get("/v1/queue"));
    EXPECT_TRUE(queue.at("reason").is_null());
    EXPECT_TRUE(queue.at("reason_detail").is_null());
    submit();
    queue = json_of(get("/v1/queue"));
    EXPECT_EQ(queue.at("reason").as_string(), "rate_limit");
    EXPECT_EQ(queue.at("reason_detail").as_string(), "no token is free");
}

TEST_F(ApiTest, counts_no_job_as_waiting_for_its_turn_that_is_not_ready) {
    submit(R"(,"scheduled_at":"2099-01-01T00:00:00Z")");
    submit();
    engine_.shown.paused_models = {stored(submit()).model};
    auto queue = json_of(get("/v1/queue"));
    EXPECT_EQ(queue.at("depth").at("queued").as_int64(), 3);
    EXPECT_TRUE(queue.at("reason").is_null()) << "all wait for their time or their model";
    EXPECT_EQ(queue.at("estimated_drain_s").to_number<double>(), 0);
    engine_.shown.paused_models.clear();
    queue = json_of(get("/v1/queue"));
    EXPECT_EQ(queue.at("reason").as_string(), "rate_limit");
    engine_.shown.tokens_free = 0;
    engine_.shown.queries_per_create = 0;
    EXPECT_EQ(json_of(get("/v1/queue")).at("estimated_drain_s").as_double(), 0.5) << "the second of two: one token";
}

TEST_F(ApiTest, tells_no_age_of_a_queue_in_which_nothing_is_ready) {
    submit(R"(,"scheduled_at":"2099-01-01T00:00:00Z")");
    clock_.advance(io_, std::chrono::seconds(5));
    const auto queue = json_of(get("/v1/queue"));
    EXPECT_TRUE(queue.at("oldest_queued_at").is_null());
    EXPECT_TRUE(queue.at("oldest_age_s").is_null());
    EXPECT_NE(text_of(get("/metrics")).find("genqd_queue_oldest_age_seconds 0\n"), std::string::npos);
}

}  // namespace
}  // namespace genq::api::test
