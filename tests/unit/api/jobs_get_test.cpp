#include "tests/unit/api/api_fixture.hpp"

namespace genq::api::test {
namespace {

TEST_F(ApiTest, shows_a_job_in_each_of_its_states) {
    const auto id = submit();
    auto job = json_of(get("/v1/jobs/" + id));
    EXPECT_EQ(job.at("queue").at("position").as_int64(), 0);
    EXPECT_TRUE(job.at("upstream").at("task_id").is_null());

    make_generating(id);
    clock_.advance(io_, std::chrono::seconds(2));
    auto response = get("/v1/jobs/" + id);
    job = json_of(response);
    EXPECT_EQ(job.at("status").as_string(), "generating");
    EXPECT_TRUE(job.at("queue").is_null());
    EXPECT_EQ(job.at("upstream").at("task_id").as_string(), "task-1");
    EXPECT_EQ(job.at("upstream").at("attempts").as_int64(), 1);
    EXPECT_TRUE(job.at("upstream").at("next_poll_at").is_string());
    EXPECT_EQ(job.at("billed").as_string(), "yes");
    EXPECT_GT(job.at("progress").at("fraction").as_double(), 0);
    EXPECT_TRUE(job.at("progress").at("estimated_finish_at").is_string());
    EXPECT_TRUE(response.headers.has("Retry-After"));

    make_failed(id, JobErrorCode::generation_failed);
    response = get("/v1/jobs/" + id);
    job = json_of(response);
    EXPECT_EQ(job.at("error").at("code").as_string(), "generation_failed");
    EXPECT_EQ(job.at("error").at("upstream_code").as_int64(), 501);
    EXPECT_EQ(job.at("error").as_object().size(), 6U);
    EXPECT_TRUE(job.at("finished_at").is_string());
    EXPECT_FALSE(response.headers.has("Retry-After"));
}

TEST_F(ApiTest, answers_head_and_lower_case_ids_like_get) {
    const auto id = submit();
    EXPECT_EQ(send("HEAD", "/v1/jobs/" + id).status, 200);
    std::string lower = id;
    for (char& c : lower) c = static_cast<char>(std::tolower(c));
    EXPECT_EQ(json_of(get("/v1/jobs/" + lower)).at("id").as_string(), id);
}

TEST_F(ApiTest, has_no_job_of_an_id_that_is_none) {
    for (const std::string id : {"01ARZ3NDEKTSV4RRFFQ69G5FAV", "nope", "..%2f", "%00"}) {
        const auto response = get("/v1/jobs/" + id);
        EXPECT_TRUE(response.status == 404 || response.status == 400) << id;
    }
    EXPECT_EQ(code_of(get("/v1/jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV")), "not_found");
}

TEST_F(ApiTest, answers_304_to_who_knows_the_version) {
    const auto id = submit();
    const std::string etag(get("/v1/jobs/" + id).headers.get("ETag"));
    for (const auto& known : {etag, etag.substr(2), std::string("*"), "\"x\", " + etag}) {
        const auto response = get("/v1/jobs/" + id, {{"If-None-Match", known}});
        EXPECT_EQ(response.status, 304) << known;
        EXPECT_EQ(response.headers.get("ETag"), etag);
        EXPECT_TRUE(text_of(response).empty());
    }
    EXPECT_EQ(get("/v1/jobs/" + id, {{"If-None-Match", "W/\"x\""}}).status, 200);
    make_submitting(id);
    const auto changed = get("/v1/jobs/" + id, {{"If-None-Match", etag}});
    EXPECT_EQ(changed.status, 200);
    EXPECT_NE(changed.headers.get("ETag"), etag);
}

TEST_F(ApiTest, gives_a_queued_job_a_new_version_when_the_queues_reason_changes) {
    const auto id = submit();
    const std::string etag(get("/v1/jobs/" + id).headers.get("ETag"));
    const auto pending = start("GET", "/v1/jobs/" + id + "?wait=60", {{"If-None-Match", etag}});
    EXPECT_FALSE(pending->done);
    engine_.shown.reason = QueueReason::upstream_down;
    engine_.shown.queue_epoch = 1;
    feed_.publish_all();
    genq::test::run_ready(io_);
    ASSERT_TRUE(pending->done);
    EXPECT_EQ(pending->response.status, 200);
    EXPECT_EQ(json_of(pending->response).at("queue").at("reason").as_string(), "upstream_down");
    EXPECT_NE(pending->response.headers.get("ETag"), etag);
}

TEST_F(ApiTest, shows_the_pause_of_one_model_to_its_jobs_alone) {
    const auto id = submit();
    engine_.shown.paused_models = {"google/imagen4"};
    engine_.shown.holds = {make_hold(QueueReason::paused, "lunch", clock_.wall_now())};
    engine_.shown.holds[0].model = "google/imagen4";
    const auto queue = json_of(get("/v1/jobs/" + id)).at("queue");
    EXPECT_EQ(queue.at("reason").as_string(), "paused");
    EXPECT_EQ(queue.at("detail").as_string(), "lunch");
    const auto other = json_of(post("/v1/jobs", R"({"model":"veo3","input":{}})"));
    EXPECT_EQ(other.at("queue").at("reason").as_string(), "rate_limit");
}

TEST_F(ApiTest, waits_for_the_end_without_a_known_version) {
    const auto id = submit();
    const auto pending = start("GET", "/v1/jobs/" + id + "?wait=20");
    make_generating(id);
    genq::test::run_ready(io_);
    EXPECT_FALSE(pending->done);
    make_failed(id, JobErrorCode::rejected);
    genq::test::run_ready(io_);
    ASSERT_TRUE(pending->done);
    EXPECT_EQ(json_of(pending->response).at("status").as_string(), "failed");
    EXPECT_TRUE(start("GET", "/v1/jobs/" + id + "?wait=20")->done);
    EXPECT_EQ(feed_.watchers(), 0U);
}

TEST_F(ApiTest, answers_with_what_is_when_the_wait_is_over) {
    const auto id = submit();
    const std::string etag(get("/v1/jobs/" + id).headers.get("ETag"));
    const auto for_end = start("GET", "/v1/jobs/" + id + "?wait=5");
    const auto for_change = start("GET", "/v1/jobs/" + id + "?wait=5", {{"If-None-Match", etag}});
    const auto knows_other = start("GET", "/v1/jobs/" + id + "?wait=5", {{"If-None-Match", "\"other\""}});
    EXPECT_TRUE(knows_other->done);
    clock_.advance(io_, std::chrono::milliseconds(4'900));
    EXPECT_FALSE(for_end->done || for_change->done);
    clock_.advance(io_, std::chrono::milliseconds(200));
    ASSERT_TRUE(for_end->done && for_change->done);
    EXPECT_EQ(for_end->response.status, 200);
    EXPECT_EQ(for_change->response.status, 304);
}

TEST_F(ApiTest, ends_waits_when_the_daemon_drains) {
    const auto id = submit();
    const auto pending = start("GET", "/v1/jobs/" + id + "?wait=60");
    EXPECT_FALSE(pending->done);
    api_->set_draining();
    genq::test::run_ready(io_);
    ASSERT_TRUE(pending->done);
    EXPECT_EQ(pending->response.status, 200);
}

TEST_F(ApiTest, says_404_to_who_waits_for_a_job_that_is_deleted) {
    const auto id = submit();
    make_failed(id, JobErrorCode::rejected);
    const std::string etag(get("/v1/jobs/" + id).headers.get("ETag"));
    const auto pending = start("GET", "/v1/jobs/" + id + "?wait=60", {{"If-None-Match", etag}});
    ASSERT_EQ(send("DELETE", "/v1/jobs/" + id).status, 204);
    genq::test::run_ready(io_);
    ASSERT_TRUE(pending->done);
    EXPECT_EQ(pending->response.status, 404);
}

TEST_F(ApiTest, refuses_a_wait_out_of_its_bounds) {
    const auto id = submit();
    for (const std::string wait : {"-1", "61", "x", "", "1.5", "99999999999999"}) {
        const auto response = get("/v1/jobs/" + id + "?wait=" + wait);
        EXPECT_EQ(response.status, 422) << wait;
        EXPECT_EQ(pointers_of(response), std::vector<std::string>{"?wait"});
    }
    EXPECT_EQ(get("/v1/jobs/" + id + "?wait=1&wait=2").status, 422);
    EXPECT_EQ(pointers_of(get("/v1/jobs/" + id + "?later=1")), std::vector<std::string>{"?later"});
    EXPECT_EQ(get("/v1/jobs/" + id + "?wait=0").status, 200);
}

TEST_F(ApiTest, says_when_to_ask_again_with_a_304_as_with_a_200) {
    const auto id = submit();
    make_generating(id);
    const auto whole = get("/v1/jobs/" + id);
    const http::Fields known{{"If-None-Match", std::string(whole.headers.get("ETag"))}};
    const auto unchanged = get("/v1/jobs/" + id, known);
    EXPECT_EQ(unchanged.status, 304);
    EXPECT_FALSE(unchanged.headers.get("Retry-After").empty());
    EXPECT_EQ(unchanged.headers.get("Retry-After"), whole.headers.get("Retry-After"));
    make_failed(id, JobErrorCode::rejected);
    const http::Fields ended{{"If-None-Match", std::string(get("/v1/jobs/" + id).headers.get("ETag"))}};
    EXPECT_FALSE(get("/v1/jobs/" + id, ended).headers.has("Retry-After"));
}

TEST_F(ApiTest, does_not_list_an_output_that_is_not_stored_yet) {
    const auto id = submit();
    make_generating(id);
    store::Generated generated;
    generated.id = id_of(id);
    for (const int index : {0, 1}) {
        Output output;
        output.index = index;
        output.source_url = "https://files.example/" + std::to_string(index);
        generated.outputs.push_back(output);
    }
    ASSERT_TRUE(run(store_->record_generated(generated)));
    EXPECT_TRUE(json_of(get("/v1/jobs/" + id)).at("outputs").as_array().empty());
    Output stored = generated.outputs.at(1);
    stored.digest = *Digest::parse(std::string(64, 'a'));
    stored.media_type = "image/png";
    ASSERT_TRUE(run(store_->record_output(id_of(id), stored)));
    const auto job = json_of(get("/v1/jobs/" + id));
    ASSERT_EQ(job.at("outputs").as_array().size(), 1U);
    EXPECT_EQ(job.at("outputs").at(0).at("index").as_int64(), 1);
    EXPECT_EQ(get("/v1/jobs/" + id + "/outputs/0").status, 404);
}

}  // namespace
}  // namespace genq::api::test
