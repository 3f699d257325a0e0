#include "tests/unit/api/api_fixture.hpp"

namespace genq::api::test {
namespace {

TEST_F(ApiTest, cancels_a_job_once) {
    const auto id = submit();
    const auto response = post("/v1/jobs/" + id + "/cancel", "{}");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(json_of(response).at("status").as_string(), "canceled");
    EXPECT_EQ(engine_.changed, std::vector<std::string>{id});
    const auto again = send("POST", "/v1/jobs/" + id + "/cancel");
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(code_of(again), "conflict");
    EXPECT_EQ(code_of(send("POST", "/v1/jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV/cancel")), "not_found");
}

TEST_F(ApiTest, refuses_members_that_an_action_does_not_know) {
    const auto id = submit();
    EXPECT_EQ(pointers_of(post("/v1/jobs/" + id + "/cancel", R"({"why":1})")), std::vector<std::string>{"/why"});
    EXPECT_EQ(pointers_of(post("/v1/jobs/" + id + "/retry", R"({"resubmit":"yes","why":1})")),
              (std::vector<std::string>{"/why", "/resubmit"}));
    EXPECT_EQ(code_of(post("/v1/jobs/" + id + "/cancel", "{")), "invalid_json");
    EXPECT_EQ(stored(id).status, JobStatus::queued);
}

TEST_F(ApiTest, takes_up_a_job_that_timed_out_where_it_was) {
    const auto id = submit();
    EXPECT_EQ(code_of(post("/v1/jobs/" + id + "/retry", "")), "conflict");
    make_generating(id);
    make_failed(id, JobErrorCode::generation_timeout);
    const auto response = post("/v1/jobs/" + id + "/retry", R"({"deadline_s":60})");
    ASSERT_EQ(response.status, 200) << text_of(response);
    EXPECT_EQ(json_of(response).at("status").as_string(), "generating");
    EXPECT_TRUE(json_of(response).at("deadline_at").is_string());
    EXPECT_TRUE(json_of(response).at("error").is_null());
    EXPECT_EQ(engine_.changed, std::vector<std::string>{id});
}

TEST_F(ApiTest, pays_anew_only_when_told_to) {
    const auto id = submit();
    make_generating(id);
    make_failed(id, JobErrorCode::generation_failed);
    EXPECT_EQ(code_of(post("/v1/jobs/" + id + "/retry", "")), "conflict");
    const auto response = post("/v1/jobs/" + id + "/retry", R"({"resubmit":true})");
    ASSERT_EQ(response.status, 200);
    EXPECT_EQ(json_of(response).at("status").as_string(), "queued");
}

TEST_F(ApiTest, retries_once_for_one_key) {
    const auto id = submit();
    make_generating(id);
    make_failed(id, JobErrorCode::generation_failed);
    const http::Fields key{{"Idempotency-Key", "again"}};
    EXPECT_FALSE(post("/v1/jobs/" + id + "/retry", R"({"resubmit":true})", key).headers.has("Idempotency-Replayed"));
    const auto replay = post("/v1/jobs/" + id + "/retry", R"({"resubmit":true})", key);
    EXPECT_EQ(replay.status, 200);
    EXPECT_EQ(replay.headers.get("Idempotency-Replayed"), "true");
    EXPECT_EQ(code_of(post("/v1/jobs/" + id + "/retry", "{}", key)), "idempotency_conflict");
    make_generating(id);
    make_failed(id, JobErrorCode::generation_failed);
    EXPECT_EQ(send("DELETE", "/v1/jobs/" + id).status, 204);
    EXPECT_EQ(code_of(post("/v1/jobs/" + id + "/retry", R"({"resubmit":true})", key)), "conflict");
    EXPECT_EQ(code_of(post("/v1/jobs/" + id + "/retry", R"({"resubmit":true})")), "not_found");
}

TEST_F(ApiTest, deletes_terminal_jobs_only) {
    const auto id = submit();
    EXPECT_EQ(code_of(send("DELETE", "/v1/jobs/" + id)), "conflict");
    make_failed(id, JobErrorCode::rejected);
    const auto response = send("DELETE", "/v1/jobs/" + id);
    EXPECT_EQ(response.status, 204);
    EXPECT_TRUE(text_of(response).empty());
    EXPECT_EQ(get("/v1/jobs/" + id).status, 404);
    EXPECT_EQ(send("DELETE", "/v1/jobs/" + id).status, 404);
}

TEST_F(ApiTest, tells_a_jobs_history) {
    const auto id = submit();
    make_generating(id);
    make_failed(id, JobErrorCode::rejected);
    const auto events = json_of(get("/v1/jobs/" + id + "/events")).at("events").as_array();
    std::vector<std::string> names;
    for (const auto& event : events) {
        EXPECT_EQ(event.at("job_id").as_string(), id);
        EXPECT_TRUE(event.at("at").is_string());
        names.emplace_back(event.at("event").as_string());
    }
    EXPECT_EQ(names, (std::vector<std::string>{"job.queued", "job.submitting", "job.generating", "job.failed"}));
    EXPECT_EQ(get("/v1/jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV/events").status, 404);
}

}  // namespace
}  // namespace genq::api::test
