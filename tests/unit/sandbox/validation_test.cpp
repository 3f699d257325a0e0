#include <gtest/gtest.h>

#include "tests/unit/sandbox/rig.hpp"

namespace genq::sandbox::test {
namespace {

struct Refused {
    const char* path;
    const char* body;
    int code;
};

TEST(Validation, refuses_what_the_documentation_says_is_missing_or_wrong) {
    const std::vector<Refused> table{
        {"/api/v1/jobs/createTask", R"({"input":{"prompt":"a"}})", 422},
        {"/api/v1/jobs/createTask", R"({"model":"z-image"})", 422},
        {"/api/v1/jobs/createTask", R"({"model":"z-image","input":{}})", 422},
        {"/api/v1/jobs/createTask", R"({"model":"z-image","input":{"prompt":7}})", 422},
        {"/api/v1/jobs/createTask", R"({"model":"kling-3.0","input":{"prompt":"a"}})", 422},
        {"/api/v1/jobs/createTask", R"({"model":"seedream/4.5-edit","input":{"prompt":"a"}})", 422},
        {"/api/v1/jobs/createTask",
         R"({"model":"seedream/4.5-edit","input":{"prompt":"a","image_urls":"https://example.com/a.png"}})", 422},
        {"/api/v1/jobs/createTask",
         R"({"model":"seedream/4.5-edit","input":{"prompt":"a","image_urls":["genqd:blob/1"]}})", 422},
        {"/api/v1/jobs/createTask", R"({"model":"recraft/crisp-upscale","input":{"image":"a.png"}})", 422},
        {"/api/v1/gpt4o-image/generate", R"({"prompt":"a"})", 422},
        {"/api/v1/gpt4o-image/generate", R"({"size":"1:1"})", 422},
        {"/api/v1/gpt4o-image/generate", R"({"size":"1:1","prompt":"a","nVariants":3})", 422},
        {"/api/v1/flux/kontext/generate", R"({})", 422},
        {"/api/v1/flux/kontext/generate", R"({"prompt":"a","model":"flux"})", 422},
        {"/api/v1/veo/generate", R"({"model":"veo3"})", 422},
        {"/api/v1/veo/generate", R"({"prompt":"a","model":"veo9"})", 422},
        {"/api/v1/veo/extend", R"({"taskId":"none","prompt":"a"})", 404},
        {"/api/v1/runway/generate", R"({"prompt":"a","duration":5,"quality":"720p"})", 422},
        {"/api/v1/runway/generate", R"({"prompt":"a","duration":10,"quality":"1080p","aspectRatio":"1:1"})", 422},
        {"/api/v1/runway/generate", R"({"prompt":"a","duration":7,"quality":"720p","aspectRatio":"1:1"})", 422},
        {"/api/v1/runway/generate", R"({"prompt":"a","duration":5,"quality":"720p","aspectRatio":"2:1"})", 422},
        {"/api/v1/flux/kontext/generate", R"({"prompt":"a","aspectRatio":"5:4"})", 422},
        {"/api/v1/veo/generate", R"({"prompt":"a","aspect_ratio":"1:1"})", 422},
        {"/api/v1/aleph/generate", R"({"prompt":"a","videoUrl":"https://a.example/a.mp4","aspectRatio":"2:1"})", 422},
        {"/api/v1/mj/generate", R"({"taskType":"mj_txt2img","prompt":"a","aspectRatio":"21:9"})", 422},
        {"/api/v1/runway/extend", R"({"taskId":"none","prompt":"a","quality":"720p"})", 404},
        {"/api/v1/aleph/generate", R"({"prompt":"a"})", 422},
        {"/api/v1/generate", R"({"prompt":"a","customMode":false,"instrumental":true,"model":"V5"})", 422},
        {"/api/v1/generate", R"({"prompt":"a","model":"V5","callBackUrl":"https://example.com/"})", 422},
        {"/api/v1/generate",
         R"({"prompt":"a","customMode":true,"instrumental":false,"model":"V5","callBackUrl":"https://example.com/"})",
         422},
        {"/api/v1/generate/extend", R"({"audioId":"a","model":"V5","callBackUrl":"https://example.com/"})", 422},
        {"/api/v1/lyrics", R"({"callBackUrl":"https://example.com/"})", 422},
        {"/api/v1/mj/generate", R"({"prompt":"a"})", 422},
        {"/api/v1/mj/generate", R"({"taskType":"mj_img2img","prompt":"a"})", 422},
        {"/api/v1/mj/generate", R"({"taskType":"mj_video","prompt":"a","fileUrls":["a","b"]})", 422},
        {"/api/v1/modify/generate", R"({"prompt":"a"})", 422},
        {"/api/v1/common/download-url", R"({"url":"https://elsewhere.org/media/x/0.png"})", 422},
        {"/api/v1/veo/generate", "[]", 400},
        {"/api/v1/veo/generate", "{", 400},
    };
    Rig rig;
    for (const auto& row : table) {
        const auto reply = rig.send("POST", row.path, row.body);
        EXPECT_EQ(reply.response.status, 200) << row.path << row.body;
        EXPECT_EQ(code_of(read(body_of(reply)).as_object()), row.code) << row.path << row.body;
    }
    EXPECT_TRUE(rig.ledger().creates.empty());
}

TEST(Validation, refuses_texts_that_are_too_long_for_a_family) {
    Rig rig;
    const auto code = [&](const char* path, const std::string& body) {
        return code_of(read(body_of(rig.send("POST", path, body))).as_object());
    };
    const auto song = [](std::size_t style, std::size_t title, const char* model) {
        return R"({"prompt":"a","customMode":true,"instrumental":false,"callBackUrl":"https://example.com/","model":")" +
               std::string(model) + R"(","style":")" + std::string(style, 's') + R"(","title":")" +
               std::string(title, 't') + "\"}";
    };
    EXPECT_EQ(code("/api/v1/generate", song(1000, 80, "V5")), 200);
    EXPECT_EQ(code("/api/v1/generate", song(1001, 80, "V5")), 413);
    EXPECT_EQ(code("/api/v1/generate", song(1000, 81, "V5")), 413);
    EXPECT_EQ(code("/api/v1/generate", song(200, 80, "V4")), 200);
    EXPECT_EQ(code("/api/v1/generate", song(201, 80, "V4")), 413);
    const auto film = [](std::size_t prompt) {
        return R"({"duration":5,"quality":"720p","aspectRatio":"1:1","prompt":")" + std::string(prompt, 'p') + "\"}";
    };
    EXPECT_EQ(code("/api/v1/runway/generate", film(1800)), 200);
    EXPECT_EQ(code("/api/v1/runway/generate", film(1801)), 422);
    EXPECT_EQ(
        code(
            "/api/v1/runway/generate",
            R"({"prompt":"a","duration":5,"quality":"720p","aspectRatio":"2:1","imageUrl":"https://a.example/a.png"})"),
        200)
        << "a picture has its own shape";
}

TEST(Validation, refuses_what_a_models_page_forbids) {
    Rig rig;
    const auto code = [&rig](const std::string& model, const std::string& input) {
        return code_of(
            rig.post("/api/v1/jobs/createTask", read(R"({"model":")" + model + R"(","input":)" + input + "}")));
    };
    const auto prompt = [](std::size_t length) { return R"({"prompt":")" + std::string(length, 'a') + "\"}"; };
    EXPECT_EQ(code("google/imagen4", prompt(5000)), 200);
    EXPECT_EQ(code("google/imagen4", prompt(5001)), 422);
    EXPECT_EQ(code("google/imagen4", R"({"prompt":"a","aspect_ratio":"16:9"})"), 200);
    EXPECT_EQ(code("google/imagen4", R"({"prompt":"a","aspect_ratio":"5:1"})"), 422);
    EXPECT_EQ(code("hailuo/02-text-to-video-standard", R"({"prompt":"a","duration":"6"})"), 200);
    EXPECT_EQ(code("hailuo/02-text-to-video-standard", R"({"prompt":"a","duration":"7"})"), 422);
    EXPECT_EQ(code("bytedance/seedance-1.5-pro", R"({"prompt":"abc","duration":12})"), 200);
    EXPECT_EQ(code("bytedance/seedance-1.5-pro", R"({"prompt":"abc","duration":13})"), 422);
    EXPECT_EQ(code("grok-imagine/upscale", R"({"task_id":"none"})"), 422);
    const auto film =
        rig.create("/api/v1/jobs/createTask", R"({"model":"grok-imagine/text-to-video","input":{"prompt":"a"}})");
    EXPECT_EQ(code("grok-imagine/upscale", R"({"task_id":")" + film + "\"}"), 200);
}

TEST(Validation, extends_a_song_that_there_is) {
    Rig rig;
    const std::string rest = R"(,"defaultParamFlag":false,"model":"V5","callBackUrl":"https://example.com/"})";
    EXPECT_EQ(code_of(rig.post("/api/v1/generate/extend", read(R"({"audioId":"none-1")" + rest))), 422);
    const auto song = rig.create("/api/v1/generate", R"({"prompt":"a","customMode":false,"instrumental":true,
        "model":"V5","callBackUrl":"https://example.com/"})");
    EXPECT_EQ(code_of(rig.post("/api/v1/generate/extend", read(R"({"audioId":")" + song + "-1\"" + rest))), 200);
}

TEST(Validation, says_what_suno_says_without_a_callback_address) {
    Rig rig;
    const auto answer = rig.post("/api/v1/generate", read(R"({"prompt":"a","customMode":false,"instrumental":true,
                                                              "model":"V5"})"));
    EXPECT_EQ(answer.at("msg"), "Please enter callBackUrl.");
}

TEST(Validation, a_bearer_must_be_there_and_be_the_right_one) {
    auto options = Rig::quick();
    options.api_key = "secret";
    Rig rig(options);
    auto request = rig.request("GET", "/api/v1/chat/credit");
    const auto code = [&] { return code_of(read(body_of(rig.service().handle(request, rig.now()))).as_object()); };
    EXPECT_EQ(code(), 401);
    request.headers.set("Authorization", "Bearer secret");
    EXPECT_EQ(code(), 200);
    request.headers.remove("Authorization");
    EXPECT_EQ(code(), 401);
}

TEST(Validation, credits_run_out) {
    auto options = Rig::quick();
    options.credits = 90;
    Rig rig(options);
    rig.create("/api/v1/veo/generate", R"({"prompt":"a"})");
    EXPECT_EQ(rig.get("/api/v1/chat/credit").at("data"), 30);
    EXPECT_EQ(code_of(rig.post("/api/v1/veo/generate", read(R"({"prompt":"a"})"))), 402);
    EXPECT_EQ(rig.ledger().creates.size(), 1U);
}

TEST(Validation, unknown_paths_are_404_and_wrong_methods_405) {
    Rig rig;
    EXPECT_EQ(rig.send("GET", "/api/v1/nothing").response.status, 404);
    EXPECT_EQ(rig.send("GET", "/api/v1/veo/extend").response.status, 405);
    EXPECT_EQ(rig.send("GET", "/").response.status, 404);
    EXPECT_EQ(rig.send("GET", "*").response.status, 400);
}

TEST(Validation, a_task_is_found_at_its_own_family_only) {
    Rig rig;
    const auto id = rig.create("/api/v1/veo/generate", R"({"prompt":"a"})");
    EXPECT_EQ(code_of(rig.get("/api/v1/runway/record-detail?taskId=" + id)), 404);
    EXPECT_EQ(code_of(rig.get("/api/v1/jobs/recordInfo?taskId=" + id)), 422);
    EXPECT_EQ(code_of(rig.get("/api/v1/jobs/recordInfo")), 400);
    EXPECT_EQ(code_of(rig.get("/api/v1/veo/record-info")), 422);
}

TEST(Validation, an_impossible_tolerance_fails_the_flux_task_at_once_and_costs_nothing) {
    Rig rig;
    const auto id = rig.create("/api/v1/flux/kontext/generate", R"({"prompt":"a","safetyTolerance":9})");
    const auto data = rig.get("/api/v1/flux/kontext/record-info?taskId=" + id).at("data").as_object();
    EXPECT_EQ(data.at("successFlag"), 2);
    EXPECT_EQ(data.at("errorCode"), 500);
    EXPECT_EQ(rig.get("/api/v1/chat/credit").at("data"), 10'000);
}

}  // namespace
}  // namespace genq::sandbox::test
