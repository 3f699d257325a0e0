#include "server/upstream/callback.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "server/upstream/family.hpp"
#include "tests/unit/upstream/answers.hpp"

namespace genq::upstream {
namespace {

TaskReport read(Family family, const char* model, const std::string& body) {
    const boost::json::object input;
    const auto read = read_callback_body(body);
    EXPECT_TRUE(read);
    return adapter(family).read_callback(TaskSpec{model, model, input, "t", ""}, read->envelope);
}

TEST(Callback, names_its_task_in_one_of_three_places) {
    EXPECT_EQ(read_callback_body(R"({"code":200,"data":{"taskId":"a"}})")->task_id, "a");
    EXPECT_EQ(read_callback_body(R"({"code":200,"data":{"task_id":"b"}})")->task_id, "b");
    EXPECT_EQ(read_callback_body(R"({"code":200,"data":null,"taskId":"c"})")->task_id, "c");
    EXPECT_EQ(read_callback_body(R"({"code":200,"data":"{\"taskId\":\"d\"}"})")->task_id, "d");
    EXPECT_EQ(read_callback_body(R"({"code":200})")->task_id, "");
    EXPECT_FALSE(read_callback_body("<html>"));
    EXPECT_FALSE(read_callback_body(""));
    EXPECT_FALSE(read_callback_body("[]"));
}

// The signature was computed with `openssl dgst -sha256 -hmac key -binary | base64` over "task-1.1795000000".
TEST(Callback, is_signed_over_task_and_time) {
    constexpr auto* signature = "Qlqoj6G/J1/bfdiUb4ZAVRRpSPLZQV7O+1N0Bl94zf4=";
    EXPECT_TRUE(is_signed("key", "task-1", "1795000000", signature));
    EXPECT_FALSE(is_signed("kex", "task-1", "1795000000", signature));
    EXPECT_FALSE(is_signed("key", "task-2", "1795000000", signature));
    EXPECT_FALSE(is_signed("key", "task-1", "1795000001", signature));
    EXPECT_FALSE(is_signed("key", "task-1", "1795000000", ""));
}

TEST(Callback, without_a_usable_result_asks_for_the_record) {
    EXPECT_TRUE(read(Family::flux, "m", R"({"code":200,"data":{"taskId":"t","info":{"resultImageUrl":""}}})").reread);
    EXPECT_TRUE(read(Family::veo, "veo3", R"({"code":200,"data":{"taskId":"t"}})").reread);
    EXPECT_TRUE(
        read(Family::suno, "suno/V5",
             R"({"code":200,"data":{"callbackType":"complete","task_id":"t","data":[{"id":"1","audio_url":""}]}})")
            .reread);
    EXPECT_TRUE(read(Family::market, "m", R"({"code":200,"data":{"state":"success","resultJson":""}})").reread);
}

TEST(Callback, of_lyrics_carries_them) {
    const auto report = read(
        Family::suno, "suno/lyrics",
        R"({"code":200,"data":{"callbackType":"complete","task_id":"t","data":[{"text":"la la","title":"A","status":"complete"}]}})");
    EXPECT_EQ(report.state, TaskState::succeeded);
    ASSERT_TRUE(report.result);
    EXPECT_EQ(report.result->at("lyrics").at(0).at("text"), "la la");
}

TEST(Callback, in_the_shape_of_runways_schema_is_read_for_aleph_too) {
    const auto report =
        read(Family::aleph, "runway/aleph",
             R"({"code":200,"data":{"task_id":"t","video_url":"https://x/a.mp4","image_url":"https://x/a.png"}})");
    ASSERT_EQ(report.outputs.size(), 1U);
    EXPECT_EQ(report.outputs[0].source_url, "https://x/a.mp4");
}

TEST(Callback, with_a_code_about_the_account_says_nothing_of_the_task) {
    for (const auto family : all_families) {
        for (const int code : {401, 402, 404, 429, 455, 0}) {
            const auto report = read(family, "m", test::envelope(code, "no", R"({"taskId":"t"})"));
            EXPECT_EQ(report.state, TaskState::pending) << to_string(family) << " " << code;
        }
        EXPECT_EQ(read(family, "m", test::envelope(501, "Generation failed", R"({"taskId":"t"})")).state,
                  TaskState::failed);
    }
}

Envelope record(const std::string& data) {
    return read_envelope(http::ClientResponse{200, {}, test::envelope(200, "success", data)}).value();
}

TEST(Callback, url_in_a_record_tells_which_create_made_the_task) {
    constexpr auto* ours = "/v1/callbacks/a/b";
    const auto with_it = record(R"({"param":"{\"callBackUrl\":\"https://genqd.example/v1/callbacks/a/b\"}"})");
    const auto with_another = record(R"({"paramJson":"{\"callBackUrl\":\"https://other.example/\"}"})");
    const auto without = record(R"({"param":"{\"prompt\":\"x\"}"})");
    EXPECT_EQ(callback_in_record(with_it), std::string("https://genqd.example") + ours);
    for (const auto family : all_families) {
        EXPECT_TRUE(may_be_made_by(family, with_it, ours));
        EXPECT_FALSE(may_be_made_by(family, with_another, ours));
        // Market's record holds the whole create.
        EXPECT_EQ(may_be_made_by(family, without, ours), family != Family::market);
    }
}

TEST(Callback, comes_for_everything_but_the_upgrade_that_makes_no_task) {
    EXPECT_FALSE(adapter(Family::veo).calls_back("veo/1080p"));
    for (const char* model : {"veo3", "veo/extend", "veo/4k"}) EXPECT_TRUE(adapter(Family::veo).calls_back(model));
    EXPECT_TRUE(adapter(Family::suno).calls_back("suno/lyrics"));
}

}  // namespace
}  // namespace genq::upstream
