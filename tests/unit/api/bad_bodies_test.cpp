#include "tests/unit/api/api_fixture.hpp"

namespace genq::api::test {
namespace {

struct BadBody {
    std::string body;
    int status;
    std::string code;
    std::vector<std::string> pointers;
};

std::string job(const std::string& more) {
    return R"({"model":"google/imagen4","input":{"prompt":"x"},)" + more + "}";
}

std::string many_labels(int count) {
    std::string labels;
    for (int i = 0; i < count; ++i) labels += (i > 0 ? ",\"k" : "\"k") + std::to_string(i) + "\":\"v\"";
    return job("\"labels\":{" + labels + "}");
}

std::vector<BadBody> bad_bodies() {
    const std::string no = "validation_failed";
    return {
        {"", 400, "invalid_json", {}},
        {"{", 400, "invalid_json", {}},
        {R"({"model":"google/imagen4","input":{}}x)", 400, "invalid_json", {}},
        {job("\"labels\":{\"a\":\"\xff\"}"), 400, "invalid_json", {}},
        {R"({"model":"google/imagen4","input":{"a":1e999}})", 400, "invalid_json", {}},
        {R"({"model":"google/imagen4","input":{"a":)" + std::string(40, '[') + std::string(40, ']') + "}}",
         400,
         "invalid_json",
         {}},
        {"[]", 422, no, {""}},
        {"\"x\"", 422, no, {""}},
        {"null", 422, no, {""}},
        {"{}", 422, no, {"/model", "/input"}},
        {R"({"model":1,"input":[]})", 422, no, {"/model", "/input"}},
        {R"({"model":"","input":{}})", 422, no, {"/model"}},
        {R"({"model":"google/imagen4","input":null})", 422, no, {"/input"}},
        {R"({"model":"google/imagen4","input":{"callBackUrl":"https://x.example"}})", 422, no, {"/input/callBackUrl"}},
        {R"({"model":"no/such-model-at-all","input":{}})", 422, "unknown_model", {"/model"}},
        {R"({"model":"no/such-model-at-all","family":"nope","input":{}})", 422, no, {"/family"}},
        {job("\"family\":7"), 422, no, {"/family"}},
        {job("\"priority\":101"), 422, no, {"/priority"}},
        {job("\"priority\":-101"), 422, no, {"/priority"}},
        {job("\"priority\":1.5"), 422, no, {"/priority"}},
        {job("\"priority\":\"1\""), 422, no, {"/priority"}},
        {job("\"priority\":null"), 422, no, {"/priority"}},
        {job("\"max_attempts\":0"), 422, no, {"/max_attempts"}},
        {job("\"max_attempts\":101"), 422, no, {"/max_attempts"}},
        {job("\"generation_retries\":11"), 422, no, {"/generation_retries"}},
        {job("\"generation_retries\":-1"), 422, no, {"/generation_retries"}},
        {job("\"deadline_s\":0"), 422, no, {"/deadline_s"}},
        {job("\"deadline_s\":-5"), 422, no, {"/deadline_s"}},
        {job("\"deadline_s\":1e18"), 422, no, {"/deadline_s"}},
        {job("\"deadline_s\":\"9\""), 422, no, {"/deadline_s"}},
        {job("\"scheduled_at\":\"tomorrow\""), 422, no, {"/scheduled_at"}},
        {job("\"scheduled_at\":1795000000"), 422, no, {"/scheduled_at"}},
        {job("\"labels\":[]"), 422, no, {"/labels"}},
        {job("\"labels\":{\"a/b\":1}"), 422, no, {"/labels/a~1b"}},
        {job("\"labels\":{\"a\":\"" + std::string(129, 'v') + "\"}"), 422, no, {"/labels/a"}},
        {job("\"labels\":{\"" + std::string(129, 'k') + "\":\"v\"}"), 422, no, {"/labels/" + std::string(129, 'k')}},
        {many_labels(17), 422, no, {"/labels"}},
        {job("\"validate\":\"maybe\""), 422, no, {"/validate"}},
        {job("\"validate\":true"), 422, no, {"/validate"}},
        {job("\"reuse\":\"similar\""), 422, no, {"/reuse"}},
        {job("\"hook\":{\"url\":\"https://x.example\"}"), 422, no, {"/hook"}},
        {job("\"batch_id\":\"x\""), 422, no, {"/batch_id"}},
        {job("\"use\":\"anime\""), 422, no, {"/use"}},
        {job("\"colour\":1,\"priority\":1000"), 422, no, {"/colour", "/priority"}},
        {R"({"model":"flux-kontext-pro","input":{"prompt":"x","model":"flux-kontext-max"}})",
         422,
         no,
         {"/input/model"}},
        {R"({"model":"mj_txt2img","input":{"prompt":"x","taskType":"mj_video"}})", 422, no, {"/input/taskType"}},
        {R"({"model":"suno/V5","input":{"prompt":"x","model":"V4"}})", 422, no, {"/input/model"}},
        {R"({"model":"veo3","input":{"prompt":"x","model":3}})", 422, no, {"/input/model"}},
    };
}

TEST_F(ApiTest, refuses_a_bad_job_with_a_pointer_and_changes_nothing) {
    for (const auto& bad : bad_bodies()) {
        const auto response = post("/v1/jobs", bad.body);
        EXPECT_EQ(response.status, bad.status) << bad.body;
        EXPECT_EQ(code_of(response), bad.code) << bad.body;
        EXPECT_EQ(pointers_of(response), bad.pointers) << bad.body;
    }
    EXPECT_TRUE(json_of(get("/v1/jobs")).at("jobs").as_array().empty());
    EXPECT_EQ(engine_.wakes, 0);
}

TEST_F(ApiTest, takes_a_job_at_the_edge_of_what_is_allowed) {
    const std::vector<std::string> bodies{
        job("\"priority\":-100,\"max_attempts\":100,\"generation_retries\":10,\"deadline_s\":0.5,\"scheduled_at\":"
            "null"),
        job("\"priority\":100.0,\"deadline_s\":null,\"reuse\":\"never\",\"validate\":\"strict\""),
        job("\"scheduled_at\":\"2030-01-01T01:00:00+01:00\",\"validate\":\"off\",\"family\":\"market\""),
        many_labels(16),
        job("\"labels\":{\"" + std::string(128, 'k') + "\":\"" + std::string(128, 'v') + "\"}"),
        R"({"model":"flux-kontext-pro","input":{"prompt":"x","model":"flux-kontext-pro"}})",
        R"({"model":"mj_txt2img","input":{"prompt":"x","taskType":"mj_txt2img"}})",
        R"({"model":"suno/V5","input":{"prompt":"x","model":"V5"}})",
    };
    for (const auto& body : bodies) EXPECT_EQ(post("/v1/jobs", body).status, 202) << body;
}

TEST_F(ApiTest, names_the_nearest_model_for_a_misspelt_one) {
    const auto response = post("/v1/jobs", R"({"model":"google/imagen5","input":{}})");
    EXPECT_EQ(code_of(response), "unknown_model");
    EXPECT_NE(text_of(response).find("google/imagen4"), std::string::npos);
}

TEST_F(ApiTest, takes_json_in_utf8_only) {
    const std::string body = R"({"model":"google/imagen4","input":{}})";
    for (const std::string type :
         {"text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", ""}) {
        const auto response = post("/v1/jobs", body, {{"Content-Type", type}});
        EXPECT_EQ(code_of(response), "unsupported_media_type") << type;
        EXPECT_EQ(response.status, 415);
    }
    for (const std::string type :
         {"application/json", "Application/JSON; charset=\"UTF-8\"", "application/vnd.x+json;a=b"}) {
        EXPECT_EQ(post("/v1/jobs", body, {{"Content-Type", type}}).status, 202) << type;
    }
    EXPECT_EQ(send("POST", "/v1/jobs", {}, body).status, 415);
}

}  // namespace
}  // namespace genq::api::test
