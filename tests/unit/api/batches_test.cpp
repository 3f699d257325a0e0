#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "server/store/sqlite/check.hpp"
#include "tests/unit/api/api_fixture.hpp"

namespace genq::api::test {
namespace {

std::string picture_of(std::string_view prompt, std::string_view extra = "") {
    return fmt::format(R"({{"model":"google/imagen4","input":{{"prompt":"{}"}}{}}})", prompt, extra);
}

std::vector<std::string> job_ids_of(const http::Response& response) {
    std::vector<std::string> ids;
    for (const auto& id : json_of(response).at("job_ids").as_array()) ids.emplace_back(id.as_string());
    return ids;
}

struct BatchTest : ApiTest {
    std::int64_t jobs() { return static_cast<std::int64_t>(json_of(get("/v1/jobs")).at("jobs").as_array().size()); }
    boost::json::value shown(const std::string& id) { return json_of(get("/v1/jobs/" + id)); }
    void expect_sound() {
        const auto check = store::check_database(folder_ + "/genqd.db");
        ASSERT_TRUE(check);
        EXPECT_EQ(check->faults, std::vector<std::string>{});
    }
};

TEST_F(BatchTest, makes_all_jobs_of_a_batch_with_its_labels_and_counts_them) {
    const auto made = post("/v1/batches", R"({"labels":{"a":"1","b":"2"},"jobs":[)" + picture_of("x") + "," +
                                              picture_of("y", R"(,"labels":{"b":"own"})") + "]}");
    ASSERT_EQ(made.status, 202) << text_of(made);
    const std::string id(json_of(made).at("id").as_string());
    EXPECT_EQ(made.headers.get("Location"), "/v1/batches/" + id);
    const auto ids = job_ids_of(made);
    ASSERT_EQ(ids.size(), 2U);
    EXPECT_EQ(shown(ids[0]).at("batch_id").as_string(), id);
    EXPECT_EQ(serialize(shown(ids[1]).at("labels")), R"({"a":"1","b":"own"})");
    submit();
    EXPECT_EQ(json_of(get("/v1/jobs?batch_id=" + id)).at("jobs").as_array().size(), 2U);
    EXPECT_EQ(json_of(get("/v1/jobs?status=failed&batch_id=" + id)).at("jobs").as_array().size(), 0U);
    make_failed(ids[0], JobErrorCode::rejected);
    auto batch = json_of(get("/v1/batches/" + id));
    EXPECT_EQ(batch.at("counts").at("queued").as_int64(), 1);
    EXPECT_EQ(batch.at("counts").at("failed").as_int64(), 1);
    EXPECT_EQ(batch.at("counts").as_object().size(), 7U);
    EXPECT_EQ(batch.at("total").as_int64(), 2);
    EXPECT_TRUE(batch.at("finished_at").is_null());
    EXPECT_EQ(post("/v1/jobs/" + ids[1] + "/cancel", "").status, 200);
    EXPECT_TRUE(json_of(get("/v1/batches/" + id)).at("finished_at").is_string());
    EXPECT_EQ(post("/v1/jobs/" + ids[0] + "/retry", "").status, 200);
    EXPECT_TRUE(json_of(get("/v1/batches/" + id)).at("finished_at").is_null()) << "taken up again";
    expect_sound();
    EXPECT_EQ(post("/v1/jobs/" + ids[0] + "/cancel", "").status, 200);
    for (const auto& one : ids) EXPECT_EQ(send("DELETE", "/v1/jobs/" + one).status, 204);
    EXPECT_EQ(get("/v1/batches/" + id).status, 404) << "gone with its last job";
    expect_sound();
}

TEST_F(BatchTest, changes_nothing_when_one_job_of_a_thousand_is_bad_and_says_which) {
    std::string body = R"({"jobs":[)";
    for (int i = 0; i < 999; ++i) body += picture_of(fmt::format("p{}", i)) + ",";
    const auto refused = post("/v1/batches", body + picture_of("x", R"(,"priority":101)") + "]}");
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(pointers_of(refused), std::vector<std::string>{"/jobs/999/priority"});
    EXPECT_EQ(jobs(), 0);
    EXPECT_EQ(post("/v1/batches", body + picture_of("x") + "]}").status, 202);
    EXPECT_EQ(post("/v1/batches", body + picture_of("x") + "," + picture_of("y") + "]}").status, 422)
        << "1001 are too many";
    EXPECT_EQ(post("/v1/batches", R"({"jobs":[]})").status, 422);
}

TEST_F(BatchTest, refuses_a_batch_that_does_not_fit_as_a_whole) {
    tokens_ = std::make_shared<TokenSet>(std::vector<Token>{},
                                         DaemonBudget{.budget = {.max_queued = 2}, .unknown_credits = 0});
    const auto refused =
        post("/v1/batches", R"({"jobs":[)" + picture_of("x") + "," + picture_of("y") + "," + picture_of("z") + "]}",
             {{"Idempotency-Key", "k"}});
    EXPECT_EQ(refused.status, 429) << text_of(refused);
    EXPECT_EQ(jobs(), 0);
    EXPECT_EQ(
        post("/v1/batches", R"({"jobs":[)" + picture_of("x") + "," + picture_of("y") + "]}", {{"Idempotency-Key", "k"}})
            .status,
        202);
    EXPECT_EQ(jobs(), 2);
    expect_sound();
}

TEST_F(BatchTest, answers_the_same_key_with_the_same_batch) {
    const std::string body = R"({"jobs":[)" + picture_of("x") + "," + picture_of("y") + "]}";
    const auto first = post("/v1/batches", body, {{"Idempotency-Key", "k"}});
    const auto again = post("/v1/batches", body, {{"Idempotency-Key", "k"}});
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.headers.get("Idempotency-Replayed"), "true");
    EXPECT_EQ(text_of(again), text_of(first));
    EXPECT_EQ(post("/v1/batches", R"({"jobs":[)" + picture_of("z") + "]}", {{"Idempotency-Key", "k"}}).status, 422);
    EXPECT_EQ(post("/v1/jobs/" + job_ids_of(first)[0] + "/cancel", "").status, 200);
    EXPECT_EQ(send("DELETE", "/v1/jobs/" + job_ids_of(first)[0]).status, 204);
    EXPECT_EQ(post("/v1/batches", body, {{"Idempotency-Key", "k"}}).status, 409);
    EXPECT_EQ(jobs(), 1);
    expect_sound();
}

TEST_F(BatchTest, rewrites_references_to_jobs_before_and_refuses_others) {
    const auto made =
        post("/v1/batches", R"({"jobs":[)" + picture_of("x", R"(,"ref":"a")") +
                                R"(,{"model":"google/imagen4","input":{"prompt":"y","u":["genqd:ref/a/outputs/0",)"
                                R"("genqd:ref/a/task"],"genqd:ref/a/task":"see genqd:ref/a/task"}}]})");
    ASSERT_EQ(made.status, 202) << text_of(made);
    const auto ids = job_ids_of(made);
    EXPECT_EQ(serialize(shown(ids[1]).at("input")), R"({"prompt":"y","u":["genqd:job/)" + ids[0] +
                                                        R"(/outputs/0","genqd:job/)" + ids[0] +
                                                        R"(/task"],"genqd:ref/a/task":"see genqd:ref/a/task"})");
    EXPECT_EQ(shown(ids[1]).at("queue").at("reason").as_string(), "dependency");
    EXPECT_EQ(serialize(shown(ids[1]).at("depends_on")), R"([")" + ids[0] + R"("])");
    expect_sound();
    const auto refused = post("/v1/batches", R"({"jobs":[)" + picture_of("genqd:ref/b/task") + "," +
                                                 picture_of("genqd:ref/b/task", R"(,"ref":"b")") + "," +
                                                 picture_of("genqd:ref/b/other", R"(,"ref":"b")") + "," +
                                                 picture_of("x", R"(,"ref":"no name")") + "]}");
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(pointers_of(refused), (std::vector<std::string>{"/jobs/0/input/prompt", "/jobs/1/input/prompt",
                                                              "/jobs/2/input/prompt", "/jobs/2/ref", "/jobs/3/ref"}));
}

TEST_F(BatchTest, names_the_place_of_a_reference_that_leads_nowhere_and_of_a_bad_label) {
    const auto refused = post("/v1/batches", R"({"jobs":[)" + picture_of("x") + "," +
                                                 picture_of("genqd:job/01KAS0000000000000000000AA/task") + "]}");
    EXPECT_EQ(refused.status, 422) << text_of(refused);
    EXPECT_EQ(pointers_of(refused), std::vector<std::string>{"/jobs/1/input/prompt"});
    const auto label = post("/v1/batches", R"({"labels":{"a":1},"jobs":[)" + picture_of("x") + "]}");
    EXPECT_EQ(pointers_of(label), std::vector<std::string>{"/labels/a"});
    const auto unknown = post("/v1/batches", R"({"job":[],"jobs":[{"model":"no-such-model","input":{}}]})");
    EXPECT_EQ(json_of(unknown).at("code").as_string(), "validation_failed");
    EXPECT_EQ(pointers_of(unknown), (std::vector<std::string>{"/job", "/jobs/0/model"}));
    const auto model =
        post("/v1/batches", R"({"jobs":[)" + picture_of("x") + R"(,{"model":"no-such-model","input":{}}]})");
    EXPECT_EQ(json_of(model).at("code").as_string(), "unknown_model");
    const auto number = post("/v1/batches", R"({"jobs":[5]})");
    EXPECT_EQ(json_of(number).at("code").as_string(), "validation_failed");
    EXPECT_EQ(jobs(), 0);
}

TEST_F(BatchTest, identical_jobs_share_one_task_and_its_result) {
    const auto first = submit(R"(,"reuse":"identical")");
    const auto second = submit(R"(,"reuse":"identical","priority":5)");
    EXPECT_EQ(shown(second).at("queue").at("reason").as_string(), "dependency");
    EXPECT_EQ(shown(second).at("reused_from").as_string(), first);
    EXPECT_TRUE(shown(submit()).at("reused_from").is_null()) << "it did not ask";
    expect_sound();
    const auto digest = make_succeeded(first, "x", "image/png", "x.png");
    const auto third = submit(R"(,"reuse":"identical")");
    for (const auto& id : {second, third}) EXPECT_EQ(shown(id).at("status").as_string(), "succeeded") << id;
    EXPECT_EQ(send("DELETE", "/v1/jobs/" + first).status, 204);
    const auto job = shown(second);
    EXPECT_EQ(job.at("outputs").at(0).at("sha256").as_string(), digest.hex());
    EXPECT_EQ(job.at("credits").as_double(), 0.0);
    EXPECT_EQ(job.at("billed").as_string(), "no");
    EXPECT_EQ(get("/v1/jobs/" + second + "/outputs/0").status, 200);
    expect_sound();
}

TEST_F(BatchTest, a_finished_result_answers_at_once_unless_its_bytes_are_gone) {
    const auto first = submit();
    const auto digest = make_succeeded(first, "x", "image/png", "x.png");
    const auto second = submit(R"(,"reuse":"identical")");
    EXPECT_EQ(shown(second).at("status").as_string(), "succeeded");
    EXPECT_EQ(shown(second).at("reused_from").as_string(), first);
    EXPECT_TRUE(shown(submit(R"(,"family":"veo","reuse":"identical")")).at("reused_from").is_null());
    ASSERT_TRUE(run(blobs_->remove(digest)));
    EXPECT_TRUE(shown(submit(R"(,"reuse":"identical")")).at("reused_from").is_null());
    expect_sound();
}

TEST_F(BatchTest, who_waits_for_a_job_that_is_canceled_goes_on_alone_and_shares_only_a_verdict_on_the_input) {
    const std::string asks = R"(,"reuse":"identical")";
    const auto first = submit(asks);
    const auto second = submit(asks);
    const auto third = submit(asks);
    EXPECT_EQ(post("/v1/jobs/" + first + "/cancel", "").status, 200);
    EXPECT_TRUE(shown(second).at("reused_from").is_null());
    EXPECT_EQ(stored(second).step, Step::submit);
    EXPECT_TRUE(shown(second).at("credits").is_null());
    EXPECT_EQ(shown(third).at("reused_from").as_string(), second);
    expect_sound();
    make_failed(second, JobErrorCode::rejected);
    EXPECT_EQ(shown(third).at("error").at("code").as_string(), "rejected");
    EXPECT_EQ(post("/v1/jobs/" + third + "/retry", "").status, 200);
    EXPECT_TRUE(shown(third).at("reused_from").is_null());
    EXPECT_EQ(stored(third).step, Step::submit);
    expect_sound();
}

}  // namespace
}  // namespace genq::api::test
