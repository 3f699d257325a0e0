#include <boost/json/serialize.hpp>

#include "tests/unit/api/api_fixture.hpp"

namespace genq::api::test {
namespace {

const std::string body =
    R"({"model":"google/imagen4","input":{"prompt":"a lighthouse","n":1},"labels":{"b":"2","a":"1"},"priority":3})";

TEST_F(ApiTest, accepts_a_job_with_its_whole_resource) {
    const auto response = post("/v1/jobs", body);
    ASSERT_EQ(response.status, 202);
    const auto job = json_of(response);
    const std::string id(job.at("id").as_string());
    EXPECT_EQ(response.headers.get("Location"), "/v1/jobs/" + id);
    EXPECT_EQ(response.headers.get("ETag"), "W/\"" + id + ".1\"");
    EXPECT_TRUE(response.headers.has("Retry-After"));
    EXPECT_FALSE(response.headers.has("Preference-Applied"));
    EXPECT_EQ(job.at("status").as_string(), "queued");
    EXPECT_EQ(job.at("model").as_string(), "google/imagen4");
    EXPECT_EQ(job.at("family").as_string(), "market");
    EXPECT_EQ(job.at("caller").as_string(), "anonymous");
    EXPECT_EQ(serialize(job.at("input")), R"({"prompt":"a lighthouse","n":1})");
    EXPECT_EQ(job.at("labels").at("a").as_string(), "1");
    EXPECT_EQ(job.at("created_at").as_string().size(), 24U);
    EXPECT_EQ(job.at("queue").at("reason").as_string(), "rate_limit");
    EXPECT_EQ(job.at("billed").as_string(), "no");
    for (const auto* name : {"batch_id", "scheduled_at", "deadline_at", "submitted_at", "generated_at", "finished_at",
                             "result", "credits", "reused_from", "error"}) {
        EXPECT_TRUE(job.at(name).is_null()) << name;
    }
    for (const auto* name : {"warnings", "outputs", "depends_on", "dependants"})
        EXPECT_TRUE(job.at(name).as_array().empty()) << name;
    EXPECT_EQ(job.at("links").at("cancel").as_string(), "/v1/jobs/" + id + "/cancel");
    EXPECT_EQ(job.as_object().size(), 30U);
    EXPECT_EQ(engine_.wakes, 1);
    EXPECT_EQ(stored(id).priority, 3);
}

TEST_F(ApiTest, resolves_an_alias_and_passes_an_unknown_model_with_its_family) {
    EXPECT_EQ(json_of(post("/v1/jobs", R"({"model":"kling-3.0","input":{}})")).at("model").as_string(),
              "kling-3.0/video");
    const auto job = json_of(post("/v1/jobs", R"({"model":"brand/new-model","family":"suno","input":{}})"));
    EXPECT_EQ(job.at("model").as_string(), "brand/new-model");
    EXPECT_EQ(job.at("kind").as_string(), "music");
    EXPECT_EQ(stored(std::string(job.at("id").as_string())).wire_model, "brand/new-model");
    restart({.allow_unknown_models = false});
    EXPECT_EQ(code_of(post("/v1/jobs", R"({"model":"brand/new-model","family":"suno","input":{}})")), "unknown_model");
}

TEST_F(ApiTest, counts_deadline_and_schedule_from_acceptance) {
    const auto id = submit(R"(,"deadline_s":90,"scheduled_at":"2030-01-01T00:00:00Z")");
    const auto job = stored(id);
    EXPECT_EQ(job.deadline_at, clock_.wall_now() + std::chrono::seconds(90));
    EXPECT_EQ(job.step, Step::wait);
    const auto shown = json_of(get("/v1/jobs/" + id));
    EXPECT_EQ(shown.at("scheduled_at").as_string(), "2030-01-01T00:00:00.000Z");
    EXPECT_EQ(shown.at("queue").at("reason").as_string(), "scheduled");
    EXPECT_EQ(shown.at("queue").at("estimated_start_at").as_string(), "2030-01-01T00:00:00.000Z");
    EXPECT_TRUE(shown.at("queue").at("position").is_null());
}

TEST_F(ApiTest, gives_the_first_job_again_for_the_same_key_and_body) {
    const auto first = post("/v1/jobs", body, {{"Idempotency-Key", "k-1"}});
    const auto again = post(
        "/v1/jobs",
        R"({ "priority":3, "labels":{"a":"1","b":"2"}, "input":{"n":1,"prompt":"a lighthouse"}, "model":"google/imagen4"})",
        {{"Idempotency-Key", "k-1"}});
    EXPECT_EQ(first.status, 202);
    EXPECT_FALSE(first.headers.has("Idempotency-Replayed"));
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.headers.get("Idempotency-Replayed"), "true");
    EXPECT_EQ(again.headers.get("Location"), first.headers.get("Location"));
    EXPECT_EQ(engine_.wakes, 1);
}

TEST_F(ApiTest, refuses_a_key_with_another_body_and_a_malformed_key) {
    EXPECT_EQ(post("/v1/jobs", body, {{"Idempotency-Key", "k"}}).status, 202);
    const auto other = post("/v1/jobs", R"({"model":"google/imagen4","input":{}})", {{"Idempotency-Key", "k"}});
    EXPECT_EQ(other.status, 422);
    EXPECT_EQ(code_of(other), "idempotency_conflict");
    for (const auto& key : {std::string(), std::string("a b"), std::string(256, 'k'), std::string("\xc3\xbc")}) {
        const auto response = post("/v1/jobs", body, {{"Idempotency-Key", key}});
        EXPECT_EQ(code_of(response), "validation_failed") << key;
        EXPECT_EQ(pointers_of(response), std::vector<std::string>{"Idempotency-Key"});
    }
    EXPECT_EQ(post("/v1/jobs", body, {{"Idempotency-Key", std::string(255, 'k')}}).status, 202);
}

TEST_F(ApiTest, does_not_use_up_the_key_of_a_refused_request) {
    EXPECT_EQ(post("/v1/jobs", R"({"model":"google/imagen4"})", {{"Idempotency-Key", "k"}}).status, 422);
    EXPECT_EQ(post("/v1/jobs", body, {{"Idempotency-Key", "k"}}).status, 202);
}

TEST_F(ApiTest, refuses_the_key_of_a_deleted_job) {
    const auto id = submit("", {{"Idempotency-Key", "k"}});
    ASSERT_EQ(post("/v1/jobs/" + id + "/cancel", "").status, 200);
    ASSERT_EQ(send("DELETE", "/v1/jobs/" + id).status, 204);
    EXPECT_EQ(
        code_of(post("/v1/jobs", R"({"model":"google/imagen4","input":{"prompt":"x"}})", {{"Idempotency-Key", "k"}})),
        "conflict");
}

TEST_F(ApiTest, holds_the_answer_until_the_job_has_ended) {
    const auto pending = start("POST", "/v1/jobs", {{"Prefer", "respond-async, wait=30"}}, body);
    EXPECT_FALSE(pending->done);
    const auto id = std::string(json_of(get("/v1/jobs")).at("jobs").at(0).at("id").as_string());
    make_generating(id);
    genq::test::run_ready(io_);
    EXPECT_FALSE(pending->done);
    make_failed(id, JobErrorCode::generation_failed);
    genq::test::run_ready(io_);
    ASSERT_TRUE(pending->done);
    EXPECT_EQ(pending->response.status, 200);
    EXPECT_EQ(pending->response.headers.get("Preference-Applied"), "wait=30");
    EXPECT_EQ(json_of(pending->response).at("status").as_string(), "failed");
}

TEST_F(ApiTest, answers_202_when_the_preferred_wait_is_over) {
    for (const std::string prefer : {"wait=61", "wait=600", "wait=99999999999999999999"}) {
        const auto pending = start("POST", "/v1/jobs", {{"Prefer", prefer}}, body);
        clock_.advance(io_, std::chrono::seconds(59));
        EXPECT_FALSE(pending->done) << prefer;
        clock_.advance(io_, std::chrono::seconds(2));
        ASSERT_TRUE(pending->done) << prefer;
        EXPECT_EQ(pending->response.status, 202);
        EXPECT_EQ(pending->response.headers.get("Preference-Applied"), "wait=60");
    }
}

TEST_F(ApiTest, ignores_a_preference_that_it_does_not_understand) {
    for (const std::string prefer : {"wait", "wait=soon", "wait=-1", "return=minimal"}) {
        const auto response = post("/v1/jobs", body, {{"Prefer", prefer}});
        EXPECT_EQ(response.status, 202);
        EXPECT_FALSE(response.headers.has("Preference-Applied"));
    }
}

TEST_F(ApiTest, refuses_more_jobs_than_the_queue_may_hold) {
    restart({.max_queued = 2});
    const auto first = submit();
    submit();
    const auto full = post("/v1/jobs", body);
    EXPECT_EQ(full.status, 429);
    EXPECT_EQ(code_of(full), "queue_full");
    ASSERT_EQ(post("/v1/jobs/" + first + "/cancel", "").status, 200);
    clock_.advance(io_, std::chrono::seconds(2));
    submit();
    EXPECT_EQ(post("/v1/jobs", body).status, 429);
}

}  // namespace
}  // namespace genq::api::test
