#include "server/engine/result_files.hpp"
#include "tests/unit/front/front_fixture.hpp"

namespace genq::front::test {
namespace {

namespace bj = boost::json;

/// A family's way from create to result, with kie.ai's samples.
struct Way {
    const char* create;
    const char* body;
    const char* poll;
    const char* pending;
    const char* success;
    const char* fail;
    const char* url;  ///< where the first result is, as a JSON pointer; in `resultJson` as text if it begins with "#"
    /// Members that may be null here where kie.ai's sample has a text, or the reverse.
    std::vector<std::string> but{};
};

const std::vector<Way>& ways() {
    static const std::vector<Way> all{
        {"/api/v1/jobs/createTask", R"({"model":"google/imagen4","input":{"prompt":"x"}})", "/api/v1/jobs/recordInfo",
         "market-waiting", "market-success", "market-fail", "#/resultUrls/0"},
        {"/api/v1/gpt4o-image/generate",
         R"({"prompt":"x","size":"1:1"})",
         "/api/v1/gpt4o-image/record-info",
         "gpt4o-pending",
         "gpt4o-success",
         "gpt4o-fail",
         "/response/resultUrls/0",
         {"errorMessage", "response", "completeTime", "createTime"}},
        {"/api/v1/flux/kontext/generate", R"({"prompt":"x"})", "/api/v1/flux/kontext/record-info", "flux-pending",
         "flux-success", "flux-fail", "/response/resultImageUrl"},
        {"/api/v1/veo/generate",
         R"({"prompt":"x","model":"veo3"})",
         "/api/v1/veo/record-info",
         "veo-pending",
         "veo-success",
         "veo-fail",
         "/response/resultUrls/0",
         {"completeTime", "createTime", "originUrls"}},
        {"/api/v1/runway/generate", R"({"prompt":"x","duration":5,"quality":"720p"})", "/api/v1/runway/record-detail",
         "runway-wait", "runway-success", "runway-fail", "/videoInfo/videoUrl"},
        {"/api/v1/aleph/generate", R"({"prompt":"x","videoUrl":"https://a.example/v.mp4"})",
         "/api/v1/aleph/record-info", "aleph-pending", "aleph-success", "aleph-fail", "/response/resultVideoUrl"},
        {"/api/v1/generate", R"({"prompt":"x","customMode":false,"instrumental":true,"model":"V5"})",
         "/api/v1/generate/record-info", "suno-pending", "suno-success", "suno-fail", "/response/sunoData/0/audioUrl"},
        {"/api/v1/mj/generate",
         R"({"prompt":"x","taskType":"mj_txt2img"})",
         "/api/v1/mj/record-info",
         "mj-pending",
         "mj-success",
         "mj-fail",
         "/resultInfoJson/resultUrls/0/resultUrl",
         {"completeTime"}},
        {"/api/v1/modify/generate",
         R"({"prompt":"x","videoUrl":"https://a.example/v.mp4"})",
         "/api/v1/modify/record-info",
         "luma-pending",
         "luma-success",
         "luma-fail",
         "/response/resultUrls/0",
         {"completeTime"}},
    };
    return all;
}

TEST_F(FrontTest, shows_a_waiting_task_in_each_familys_shape) {
    for (const auto& way : ways()) {
        const auto id = create(way.create, way.body);
        const auto data = poll(way.poll, id);
        expect_shape(sample(way.pending).at("data"), data, way.but, way.poll);
        EXPECT_EQ(data.at("taskId").as_string(), id);
        if (data.contains("successFlag")) EXPECT_EQ(data.at("successFlag").as_int64(), 0) << way.poll;
        make_generating(id);
        if (data.contains("state")) {
            EXPECT_EQ(data.at("state").as_string(), sample(way.pending).at("data").at("state").as_string());
            EXPECT_EQ(poll(way.poll, id).at("state").as_string(), "generating");
        }
        expect_shape(sample(way.pending).at("data"), poll(way.poll, id), way.but, way.poll);
    }
}

TEST_F(FrontTest, shows_a_finished_task_in_each_familys_shape_with_urls_of_ours) {
    for (const auto& way : ways()) {
        const auto id = create(way.create, way.body);
        succeed_with(id, way.success);
        const auto data = poll(way.poll, id);
        expect_shape(sample(way.success).at("data"), data, way.but, way.poll);
        bj::value result = data;
        std::string pointer = way.url;
        if (pointer.starts_with('#')) {
            result = bj::parse(std::string(data.at("resultJson").as_string()));
            pointer.erase(0, 1);
        }
        const std::string url(result.at_pointer(pointer).as_string());
        ASSERT_TRUE(url.starts_with("https://queue.example/v1/blobs/")) << way.poll << url;
        const auto response = get(url.substr(std::string("https://queue.example").size()));
        EXPECT_EQ(response.status, 200) << url;
        if (data.contains("successFlag")) EXPECT_EQ(data.at("successFlag").as_int64(), 1) << way.poll;
        // Nothing of kie.ai's is left that would expire.
        EXPECT_EQ(bj::serialize(data).find("aiquickdraw"), std::string::npos) << bj::serialize(data);
        // A later poll's URL holds longer.
        clock_.advance(io_, std::chrono::hours(23));
        EXPECT_NE(bj::serialize(poll(way.poll, id)), bj::serialize(data)) << way.poll;
    }
}

TEST_F(FrontTest, shows_a_failed_task_in_each_familys_shape) {
    for (const auto& way : ways()) {
        const auto id = create(way.create, way.body);
        fail_with(id, JobErrorCode::generation_failed, true);
        const auto data = poll(way.poll, id);
        auto but = way.but;
        but.insert(but.end(), {"completeTime", "response"});
        expect_shape(sample(way.fail).at("data"), data, but, way.poll);
        const std::string text = bj::serialize(data);
        EXPECT_NE(text.find("501"), std::string::npos) << text;
        EXPECT_NE(text.find("NSFW"), std::string::npos) << text;
    }
}

TEST_F(FrontTest, tells_kinds_of_failure_by_their_codes) {
    const std::vector<std::pair<JobErrorCode, std::string>> rows{
        {JobErrorCode::rejected, "422"},           {JobErrorCode::generation_failed, "501"},
        {JobErrorCode::generation_timeout, "408"}, {JobErrorCode::download_failed, "500"},
        {JobErrorCode::submit_unknown, "500"},     {JobErrorCode::attempts_exhausted, "500"}};
    for (const auto& [code, shown] : rows) {
        const auto id = create("/api/v1/jobs/createTask", R"({"model":"google/imagen4","input":{}})");
        fail_with(id, code, true);
        const auto data = poll("/api/v1/jobs/recordInfo", id);
        EXPECT_EQ(data.at("state").as_string(), "fail");
        EXPECT_EQ(data.at("failCode").as_string(), shown);
    }
    const auto id = create("/api/v1/flux/kontext/generate", R"({"prompt":"x"})");
    fail_with(id, JobErrorCode::rejected, false);
    EXPECT_EQ(poll("/api/v1/flux/kontext/record-info", id).at("successFlag").as_int64(), 2) << "its create failed";
    const auto canceled = create("/api/v1/flux/kontext/generate", R"({"prompt":"x"})");
    ASSERT_TRUE(run(store_->cancel(id_of(canceled))));
    EXPECT_EQ(poll("/api/v1/flux/kontext/record-info", canceled).at("errorCode").as_int64(), 500);
}

TEST_F(FrontTest, shows_lyrics_under_both_names_and_at_both_places) {
    const auto id = create("/api/v1/lyrics", R"({"prompt":"x"})");
    expect_shape(sample("lyrics-pending").at("data"), poll("/api/v1/lyrics/record-info", id));
    succeed_with(id, "lyrics-success");
    const auto data = poll("/api/v1/lyrics/record-info", id);
    expect_shape(sample("lyrics-success").at("data"), data);
    expect_shape(sample("lyrics-success-lyricsdata").at("data"), poll("/api/v1/generate/record-info", id));
    const auto song = create("/api/v1/generate", R"({"model":"V5"})");
    EXPECT_EQ(ask("GET", "/api/v1/lyrics/record-info?taskId=" + song).at("code").as_int64(), 404);
}

TEST_F(FrontTest, shows_all_that_a_market_result_can_hold) {
    const auto result = [this](const std::string& name) {
        const auto id = create("/api/v1/jobs/createTask", R"({"model":"a/b","input":{}})");
        succeed_with(id, name);
        return bj::parse(std::string(poll("/api/v1/jobs/recordInfo", id).at("resultJson").as_string())).as_object();
    };
    EXPECT_EQ(result("market-success-many").at("resultUrls").as_array().size(), 4U);
    const auto frames = result("market-success-frames");
    EXPECT_EQ(frames.at("resultUrls").as_array().size(), 1U);
    EXPECT_EQ(frames.at("firstFrameUrl").as_array().size(), 1U);
    EXPECT_EQ(frames.at("lastFrameUrl").as_array().size(), 1U);
    const auto speech = bj::parse(sample("market-success-object").at("data").at("resultJson").as_string());
    EXPECT_EQ(result("market-success-object"), speech.as_object()) << "as kie.ai has it, and no file of ours";
    const auto tracks = result("market-success-suno").at("data").as_array();
    ASSERT_EQ(tracks.size(), 2U);
    EXPECT_EQ(tracks[1].at("id").as_string(), "e231-2");
    EXPECT_TRUE(std::string_view(tracks[1].at("audio_url").as_string()).starts_with("https://queue.example/v1/blobs/"));
}

TEST_F(FrontTest, keeps_files_of_ours_out_of_a_text_answer) {
    const auto id = create("/api/v1/jobs/createTask", R"({"model":"a/b","input":{}})");
    make_generating(id);
    store::Generated generated;
    generated.id = id_of(id);
    generated.result = bj::parse(R"({"object":{"text":"a red fox","note":""}})");
    engine::list_result_files(generated.outputs, *generated.result);
    ASSERT_EQ(generated.outputs.size(), 2U);
    ASSERT_TRUE(run(store_->record_generated(generated)));
    for (auto& output : generated.outputs) {
        output.digest = Digest::parse(std::string(64, 'a'));
        output.filename = "a.txt";
        ASSERT_TRUE(run(store_->record_output(id_of(id), output)));
    }
    EXPECT_EQ(poll("/api/v1/jobs/recordInfo", id).at("resultJson").as_string(),
              R"({"resultObject":{"text":"a red fox","note":""}})");
}

TEST_F(FrontTest, says_in_each_familys_words_that_a_task_is_not_known) {
    const auto stranger = create("/api/v1/modify/generate", R"({"prompt":"x"})");
    for (const auto& way : ways()) {
        for (const auto& id : {std::string("task_1"), std::string("01ARZ3NDEKTSV4RRFFQ69G5FAV"), stranger}) {
            if (id == stranger && std::string_view(way.poll) == "/api/v1/modify/record-info") continue;
            const auto answer = ask("GET", std::string(way.poll) + "?taskId=" + id);
            const bool is_market = std::string_view(way.poll).ends_with("recordInfo");
            EXPECT_EQ(answer.at("code").as_int64(), is_market ? 422 : 404) << way.poll;
            EXPECT_EQ(answer.at("msg").as_string(), is_market ? "recordInfo is null" : "Task not found");
            EXPECT_TRUE(answer.at("data").is_null());
        }
        EXPECT_EQ(ask("GET", way.poll).at("code").as_int64(), 400);
    }
}

}  // namespace
}  // namespace genq::front::test
