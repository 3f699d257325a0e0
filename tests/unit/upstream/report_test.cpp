#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "server/upstream/family.hpp"
#include "tests/unit/upstream/answers.hpp"

namespace genq::upstream {
namespace {

namespace json = boost::json;

Envelope envelope_of(int code, const std::string& message, const std::string& data) {
    return read_envelope(http::ClientResponse{200, {}, test::envelope(code, message, data)}).value();
}

TaskReport read(Family family, const char* model, const Envelope& envelope) {
    const auto input = json::parse(R"({"taskId":"parent"})").as_object();
    return adapter(family).read(TaskSpec{model, model, input, "t", ""}, envelope);
}

TaskReport read(Family family, const char* model, const std::string& data) {
    return read(family, model, envelope_of(200, "success", data));
}

TEST(Report, treats_an_unknown_word_as_pending_and_says_so) {
    const auto report = read(Family::market, "m", R"({"state":"dreaming"})");
    EXPECT_EQ(report.state, TaskState::pending);
    EXPECT_FALSE(report.known_word);
    EXPECT_EQ(report.word, "dreaming");
    EXPECT_EQ(read(Family::flux, "m", R"({"successFlag":4})").state, TaskState::pending);
}

TEST(Report, says_how_long_a_task_took_where_the_record_does) {
    const auto took = [](const std::string& times) {
        return read(Family::market, "m", R"({"state":"success",)" + times + "}").took_s;
    };
    EXPECT_EQ(took(R"("createTime":1765180586443,"completeTime":1765180595563)"), 9.12);
    EXPECT_EQ(took(R"("createTime":1765180586443,"completeTime":0)"), std::nullopt);
    EXPECT_EQ(took(R"("createTime":1765180586443,"completeTime":null)"), std::nullopt);
    EXPECT_EQ(took(R"("createTime":"2025-01-01 00:00:00","completeTime":"2025-01-01 00:05:00")"), std::nullopt);
}

TEST(Report, takes_flags_as_numbers_text_and_booleans_in_any_case) {
    for (const char* flag : {"1", "\"1\"", "1.0", "true", "\"SUCCESS\"", "\"Success\"", "\" success \""}) {
        const auto data =
            std::string(R"({"response":{"resultImageUrl":"https://x/a.png"},"successFlag":)") + flag + "}";
        EXPECT_EQ(read(Family::flux, "m", data).state, TaskState::succeeded) << flag;
    }
    for (const char* flag : {"2", "\"3\"", "\"Fail\"", "\"generate_failed\""}) {
        const auto data = std::string(R"({"successFlag":)") + flag + "}";
        EXPECT_EQ(read(Family::flux, "m", data).state, TaskState::failed) << flag;
    }
    EXPECT_EQ(read(Family::flux, "m", R"({"successFlag":false})").state, TaskState::pending);
}

TEST(Report, has_failed_when_the_envelope_says_that_the_task_is_dead) {
    for (const auto family : all_families) {
        SCOPED_TRACE(to_string(family));
        const auto dead = read(family, "m", envelope_of(501, "Generation failed", "null"));
        EXPECT_EQ(dead.state, TaskState::failed);
        EXPECT_EQ(dead.fail_code, 501);
        EXPECT_EQ(dead.fail_message, "Generation failed");
        const auto late = read(family, "m", envelope_of(408, "No result", "null"));
        EXPECT_EQ(late.state, TaskState::failed);
        EXPECT_TRUE(late.passing);
        EXPECT_EQ(read(family, "m", envelope_of(500, "Server Error", "null")).state, TaskState::pending);
    }
}

TEST(Report, believes_success_before_an_envelope_that_says_dead) {
    const auto report = read(Family::market, "m",
                             envelope_of(501, "failed", R"({"state":"success","resultJson":"[\"https://x/a.png\"]"})"));
    EXPECT_EQ(report.state, TaskState::succeeded);
}

TEST(Report, calls_failures_passing_that_may_pass) {
    const auto passing = [](int code, const std::string& message) {
        return read(Family::market, "m",
                    R"({"state":"fail","failCode":")" + std::to_string(code) + R"(","failMsg":")" + message + "\"}")
            .passing;
    };
    EXPECT_TRUE(passing(408, "Timeout"));
    EXPECT_TRUE(passing(531, "Failed, credits were given back"));
    EXPECT_TRUE(passing(500, "internal error, please try again later."));
    EXPECT_TRUE(passing(400, "Reached the limit for concurrent generations."));
    EXPECT_FALSE(passing(400, "Your prompt was caught by our AI moderator. Please adjust it and try again!"));
    EXPECT_FALSE(passing(501, "Generation failed"));
}

TEST(Report, of_aleph_understands_runways_shape) {
    const auto done =
        read(Family::aleph, "runway/aleph",
             R"({"state":"success","videoInfo":{"videoUrl":"https://x/a.mp4","imageUrl":"https://x/a.png"}})");
    EXPECT_EQ(done.state, TaskState::succeeded);
    ASSERT_EQ(done.outputs.size(), 1U);
    EXPECT_EQ(done.outputs[0].source_url, "https://x/a.mp4");
    const auto dead = read(Family::aleph, "runway/aleph", R"({"state":"fail","failCode":400,"failMsg":"no"})");
    EXPECT_EQ(dead.state, TaskState::failed);
    EXPECT_EQ(dead.fail_code, 400);
    EXPECT_EQ(read(Family::aleph, "runway/aleph", R"({"successFlag":3})").state, TaskState::failed);
    EXPECT_EQ(read(Family::aleph, "runway/aleph", R"({"successFlag":0,"errorMessage":"broke"})").state,
              TaskState::failed);
}

TEST(Report, of_runway_says_that_the_files_are_gone) {
    const auto report = read(Family::runway, "runway/generate",
                             R"({"state":"success","expireFlag":"1","videoInfo":{"videoUrl":"https://x/a.mp4"}})");
    EXPECT_EQ(report.state, TaskState::failed);
    EXPECT_FALSE(report.reread);
    EXPECT_TRUE(report.outputs.empty());
    EXPECT_NE(report.fail_message.find("deleted"), std::string::npos);
}

TEST(Report, of_suno_is_read_again_when_only_the_callback_failed_and_nothing_is_there) {
    const auto report = read(Family::suno, "suno/V5", R"({"status":"CALLBACK_EXCEPTION","response":null})");
    EXPECT_TRUE(report.reread);
    const auto partial = read(Family::suno, "suno/V5", R"({"status":"CALLBACK_EXCEPTION","response":{"sunoData":[
        {"id":"1","audioUrl":"https://x/1.mp3"},{"id":"2","audioUrl":"","imageUrl":"https://x/2.jpg"}]}})");
    EXPECT_EQ(partial.state, TaskState::pending);
    EXPECT_EQ(partial.outputs.size(), 1U);
    const auto lyrics = read(Family::suno, "suno/lyrics",
                             R"({"status":"CALLBACK_EXCEPTION","response":{"data":[{"text":"la","title":"t"}]}})");
    EXPECT_EQ(lyrics.state, TaskState::succeeded);
    EXPECT_TRUE(lyrics.result);
}

TEST(Report, of_suno_takes_no_stream_and_no_cover_for_a_track) {
    const auto report = read(Family::suno, "suno/V5", R"({"status":"SUCCESS","response":{"sunoData":[
        {"id":"1","audioUrl":"","streamAudioUrl":"https://x/1","imageUrl":"https://x/1.jpg"}]}})");
    EXPECT_TRUE(report.outputs.empty());
    EXPECT_TRUE(report.reread);
    EXPECT_FALSE(report.result);
}

TEST(Report, of_lyrics_leaves_out_variants_that_failed) {
    const auto report = read(Family::suno, "suno/lyrics", R"({"status":"SUCCESS","response":{"data":[
        {"text":"","title":"","status":"failed","errorMessage":"no"},
        {"text":"la","title":"t","status":"complete","errorMessage":""}]}})");
    ASSERT_TRUE(report.result);
    EXPECT_EQ(*report.result, json::parse(R"({"lyrics":[{"title":"t","text":"la"}]})"));
}

TEST(Report, of_an_upgrade_ends_by_a_refusal) {
    const auto report = read(Family::veo, "veo/4k", envelope_of(422, "This video can't be upgraded.", "null"));
    EXPECT_EQ(report.state, TaskState::failed);
    EXPECT_EQ(report.fail_code, 422);
    EXPECT_EQ(read(Family::veo, "veo/1080p", envelope_of(500, "Server Error", "null")).state, TaskState::pending);
    EXPECT_EQ(read(Family::veo, "veo/1080p", envelope_of(422, "It is being processed", "null")).state,
              TaskState::pending);
}

TEST(CreateOfAnUpgrade, is_accepted_by_200_and_by_processing) {
    const auto input = json::parse(R"({"taskId":"parent"})").as_object();
    const auto read_create = [&](const char* model, int code, const char* message, const char* data) {
        return adapter(Family::veo)
            .read_create(TaskSpec{model, model, input, "", ""}, envelope_of(code, message, data));
    };
    const auto named = read_create("veo/4k", 200, "success", R"({"taskId":"v9","resultUrls":null})");
    ASSERT_TRUE(named);
    EXPECT_EQ(named->verdict, CreateVerdict::created);
    EXPECT_EQ(named->task_id, "v9");
    for (const char* model : {"veo/4k", "veo/1080p"}) {
        for (const int code : {400, 422}) {
            const auto unnamed = read_create(model, code, "It is processing.", "null");
            ASSERT_TRUE(unnamed);
            EXPECT_EQ(unnamed->verdict, CreateVerdict::created);
            EXPECT_EQ(unnamed->task_id, "parent");
        }
    }
    const auto ready = read_create("veo/4k", 422, "generated", R"({"resultUrls":["https://x/4k.mp4"]})");
    ASSERT_TRUE(ready);
    EXPECT_EQ(ready->verdict, CreateVerdict::created);
    EXPECT_TRUE(read_create("veo/1080p", 200, "success", R"({"resultUrl":"https://x/1080.mp4"})"));
}

TEST(CreateOfAnUpgrade, follows_the_usual_rules_else) {
    const json::object input;
    const auto read_create = [&](const char* model, int code, const char* message) {
        return adapter(Family::veo)
            .read_create(TaskSpec{model, model, input, "", ""}, envelope_of(code, message, "null"));
    };
    EXPECT_FALSE(read_create("veo/4k", 422, "This video can't be upgraded."));
    EXPECT_FALSE(read_create("veo/4k", 429, "Rate limit exceeded"));
    EXPECT_FALSE(read_create("veo/4k", 500, "Server Error"));
    EXPECT_FALSE(read_create("veo/1080p", 401, "Unauthorized"));
    EXPECT_FALSE(read_create("veo3", 422, "It is processing."));
}

}  // namespace
}  // namespace genq::upstream
