#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <functional>
#include <set>

#include "tests/unit/sandbox/rig.hpp"

namespace genq::sandbox::test {
namespace {

namespace json = boost::json;

/// One way from a create to its files.
struct Journey {
    const char* name;
    const char* create;
    const char* body;
    const char* poll;
    std::function<bool(const json::object&)> done;
    std::function<bool(const json::object&)> failed;
    const char* type;   // of the files
    std::size_t files;  // how many URLs to our media the finished record holds
};

std::function<bool(const json::object&)> is(const char* key, json::value value) {
    return [key, value](const json::object& data) { return data.at(key) == value; };
}

const std::vector<Journey>& journeys() {
    static const std::vector<Journey> all{
        {"market_image", "/api/v1/jobs/createTask", R"({"model":"google/imagen4","input":{"prompt":"lake%"}})",
         "/api/v1/jobs/recordInfo", is("state", "success"), is("state", "fail"), "image/png", 1},
        {"market_pass_through", "/api/v1/jobs/createTask", R"({"model":"brand/new","input":{"prompt":"lake%"}})",
         "/api/v1/jobs/recordInfo", is("state", "success"), is("state", "fail"), "image/png", 1},
        {"market_video", "/api/v1/jobs/createTask", R"({"model":"kling-3.0/video","input":{"prompt":"lake%"}})",
         "/api/v1/jobs/recordInfo", is("state", "success"), is("state", "fail"), "video/mp4", 1},
        {"market_speech", "/api/v1/jobs/createTask",
         R"({"model":"elevenlabs/text-to-speech-turbo-2-5","input":{"text":"lake%"}})", "/api/v1/jobs/recordInfo",
         is("state", "success"), is("state", "fail"), "audio/mpeg", 1},
        {"gpt4o", "/api/v1/gpt4o-image/generate", R"({"prompt":"lake%","size":"1:1","nVariants":2})",
         "/api/v1/gpt4o-image/record-info", is("successFlag", 1), is("successFlag", 2), "image/png", 2},
        {"flux", "/api/v1/flux/kontext/generate", R"({"prompt":"lake%"})", "/api/v1/flux/kontext/record-info",
         is("successFlag", 1), is("successFlag", 3), "image/jpeg", 2},
        {"veo", "/api/v1/veo/generate", R"({"prompt":"lake%","model":"veo3_fast"})", "/api/v1/veo/record-info",
         is("successFlag", 1), is("successFlag", 3), "video/mp4", 1},
        {"runway", "/api/v1/runway/generate",
         R"({"prompt":"lake%","duration":5,"quality":"720p","aspectRatio":"16:9"})", "/api/v1/runway/record-detail",
         is("state", "success"), is("state", "fail"), "", 2},
        {"aleph", "/api/v1/aleph/generate", R"({"prompt":"lake%","videoUrl":"https://example.com/in.mp4"})",
         "/api/v1/aleph/record-info", is("successFlag", 1), is("errorCode", 501), "", 2},
        {"suno", "/api/v1/generate",
         R"({"prompt":"lake%","customMode":false,"instrumental":true,"model":"V5","callBackUrl":"https://example.com/"})",
         "/api/v1/generate/record-info", is("status", "SUCCESS"), is("status", "GENERATE_AUDIO_FAILED"), "", 6},
        {"lyrics", "/api/v1/lyrics", R"({"prompt":"lake%","callBackUrl":"https://example.com/"})",
         "/api/v1/lyrics/record-info", is("status", "SUCCESS"), is("status", "GENERATE_LYRICS_FAILED"), "", 0},
        {"midjourney", "/api/v1/mj/generate", R"({"taskType":"mj_txt2img","prompt":"lake%","speed":"fast"})",
         "/api/v1/mj/record-info", is("successFlag", 1), is("successFlag", 3), "image/jpeg", 4},
        {"midjourney_video", "/api/v1/mj/generate",
         R"({"taskType":"mj_video","prompt":"lake%","fileUrls":["https://example.com/a.png"],"videoBatchSize":2})",
         "/api/v1/mj/record-info", is("successFlag", 1), is("successFlag", 3), "video/mp4", 2},
        {"luma", "/api/v1/modify/generate", R"({"prompt":"lake%","videoUrl":"https://example.com/in.mp4"})",
         "/api/v1/modify/record-info", is("successFlag", 1), is("successFlag", 3), "video/mp4", 1},
    };
    return all;
}

std::string with_word(std::string body, const std::string& word) {
    return body.replace(body.find('%'), 1, word);
}

/// All our media URLs in a text.
std::vector<std::string> media_urls(const std::string& text) {
    std::vector<std::string> urls;
    for (std::size_t at = text.find("http://box/media/"); at != std::string::npos;
         at = text.find("http://box/media/", at + 1)) {
        urls.push_back(text.substr(at, text.find_first_of("\"\\", at) - at));
    }
    return urls;
}

class Families : public testing::TestWithParam<Journey> {
  protected:
    json::object poll(Rig& rig, const std::string& id) {
        const auto answer = rig.get(std::string(GetParam().poll) + "?taskId=" + id);
        EXPECT_EQ(code_of(answer), 200) << json::serialize(answer);
        return answer.at("data").as_object();
    }
};

TEST_P(Families, go_from_create_to_files) {
    Rig rig;
    const auto id = rig.create(GetParam().create, with_word(GetParam().body, ""));
    for (int second = 0; second < 10; ++second) {
        const auto data = poll(rig, id);
        EXPECT_FALSE(GetParam().done(data)) << second;
        EXPECT_FALSE(GetParam().failed(data)) << second;
        rig.pass(1s);
    }
    const auto data = poll(rig, id);
    EXPECT_TRUE(GetParam().done(data)) << json::serialize(data);
    const auto urls = media_urls(json::serialize(data));
    ASSERT_EQ(urls.size(), GetParam().files);
    for (const auto& url : urls) {
        const auto file = rig.send("GET", Rig::target_of(url));
        EXPECT_EQ(file.response.status, 200) << url;
        if (*GetParam().type != '\0') {
            EXPECT_EQ(file.response.headers.get("Content-Type"), GetParam().type);
        }
    }
    ASSERT_EQ(rig.ledger().creates.size(), 1U);
    EXPECT_EQ(rig.ledger().creates[0].task_id, id);
}

TEST_P(Families, fail_when_the_prompt_says_so_and_give_the_credits_back) {
    Rig rig;
    const auto before = rig.get("/api/v1/chat/credit").at("data");
    const auto id = rig.create(GetParam().create, with_word(GetParam().body, " [fail]"));
    EXPECT_NE(rig.get("/api/v1/chat/credit").at("data"), before);
    rig.pass(10s);
    const auto data = poll(rig, id);
    EXPECT_TRUE(GetParam().failed(data)) << json::serialize(data);
    EXPECT_FALSE(GetParam().done(data));
    EXPECT_TRUE(media_urls(json::serialize(data)).empty());
    EXPECT_EQ(rig.get("/api/v1/chat/credit").at("data"), before);
}

TEST_P(Families, never_end_when_the_prompt_says_stuck) {
    Rig rig;
    const auto id = rig.create(GetParam().create, with_word(GetParam().body, " [stuck]"));
    rig.pass(24h);
    const auto data = poll(rig, id);
    EXPECT_FALSE(GetParam().done(data) || GetParam().failed(data)) << json::serialize(data);
}

TEST_P(Families, take_five_times_as_long_when_the_prompt_says_slow) {
    Rig rig;
    const auto id = rig.create(GetParam().create, with_word(GetParam().body, " [slow]"));
    rig.pass(49s);
    EXPECT_FALSE(GetParam().done(poll(rig, id)));
    rig.pass(1s);
    EXPECT_TRUE(GetParam().done(poll(rig, id)));
}

INSTANTIATE_TEST_SUITE_P(All, Families, testing::ValuesIn(journeys()),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Market, goes_through_its_states_in_order) {
    Rig rig;
    const auto id = rig.create("/api/v1/jobs/createTask", R"({"model":"z-image","input":{"prompt":"a"}})");
    std::vector<std::string> words;
    for (int i = 0; i <= 100; ++i) {
        const auto word =
            std::string(rig.get("/api/v1/jobs/recordInfo?taskId=" + id).at("data").at("state").as_string());
        if (words.empty() || words.back() != word) words.push_back(word);
        rig.pass(100ms);
    }
    EXPECT_EQ(words, (std::vector<std::string>{"waiting", "queuing", "generating", "success"}));
}

TEST(Market, is_not_visible_at_first_when_asked_to) {
    auto options = Rig::quick();
    options.not_visible = 2s;
    Rig rig(options);
    const auto id = rig.create("/api/v1/jobs/createTask", R"({"model":"z-image","input":{"prompt":"a"}})");
    const auto hidden = rig.get("/api/v1/jobs/recordInfo?taskId=" + id);
    EXPECT_EQ(code_of(hidden), 422);
    EXPECT_EQ(hidden.at("msg"), "recordInfo is null");
    rig.pass(2s);
    EXPECT_EQ(code_of(rig.get("/api/v1/jobs/recordInfo?taskId=" + id)), 200);
}

TEST(Market, answers_speech_to_text_with_an_object) {
    Rig rig;
    const auto id =
        rig.create("/api/v1/jobs/createTask",
                   R"({"model":"elevenlabs/speech-to-text","input":{"audio_url":"https://example.com/a"}})");
    rig.pass(10s);
    const auto data = rig.get("/api/v1/jobs/recordInfo?taskId=" + id).at("data").as_object();
    EXPECT_TRUE(read(data.at("resultJson").as_string()).at("resultObject").is_object());
}

TEST(Suno, has_the_first_track_before_the_second) {
    Rig rig;
    const auto id = rig.create(
        "/api/v1/generate",
        R"({"prompt":"a","customMode":false,"instrumental":true,"model":"V5","callBackUrl":"https://example.com/"})");
    rig.pass(7s);
    const auto data = rig.get("/api/v1/generate/record-info?taskId=" + id).at("data").as_object();
    EXPECT_EQ(data.at("status"), "FIRST_SUCCESS");
    const auto& tracks = data.at("response").at("sunoData").as_array();
    EXPECT_FALSE(tracks.at(0).at("audioUrl").as_string().empty());
    EXPECT_TRUE(tracks.at(1).at("audioUrl").as_string().empty());
}

TEST(Veo, extends_and_upgrades) {
    Rig rig;
    const auto id = rig.create("/api/v1/veo/generate", R"({"prompt":"a"})");
    EXPECT_EQ(code_of(rig.get("/api/v1/veo/get-1080p-video?taskId=" + id)), 400);
    rig.pass(10s);
    EXPECT_EQ(code_of(rig.get("/api/v1/veo/get-1080p-video?taskId=" + id)), 400);
    rig.pass(2min);
    const auto hd = rig.get("/api/v1/veo/get-1080p-video?taskId=" + id);
    EXPECT_EQ(code_of(hd), 200);
    EXPECT_EQ(rig.send("GET", Rig::target_of(hd.at("data").at("resultUrl").as_string())).response.status, 200);

    const json::object ask{{"taskId", id}};
    const auto accepted = rig.post("/api/v1/veo/get-4k-video", ask);
    EXPECT_EQ(code_of(accepted), 200);
    EXPECT_TRUE(accepted.at("data").at("resultUrls").is_null());
    EXPECT_EQ(code_of(rig.post("/api/v1/veo/get-4k-video", ask)), 422);
    rig.pass(10s);
    const auto ready = rig.post("/api/v1/veo/get-4k-video", ask);
    EXPECT_EQ(code_of(ready), 422);
    EXPECT_EQ(ready.at("data").at("resultUrls").as_array().size(), 1U);
    const auto upgrade = std::string(accepted.at("data").at("taskId").as_string());
    EXPECT_EQ(rig.get("/api/v1/veo/record-info?taskId=" + upgrade).at("data").at("successFlag"), 1);

    const auto longer =
        rig.create("/api/v1/veo/extend", json::serialize(json::object{{"taskId", id}, {"prompt", "b"}}));
    rig.pass(10s);
    const auto extended = rig.get("/api/v1/veo/record-info?taskId=" + longer).at("data").as_object();
    EXPECT_EQ(extended.at("response").at("fullResultUrls").as_array().size(), 1U);
    EXPECT_EQ(rig.ledger().creates.size(), 3U);
}

TEST(SeedVariants, serve_the_older_paths_and_shapes_in_place_of_the_documented) {
    auto options = Rig::quick();
    options.seed_variants = true;
    Rig rig(options);
    EXPECT_EQ(rig.send("POST", "/api/v1/aleph/generate", "{}").response.status, 404);
    EXPECT_EQ(rig.send("POST", "/api/v1/veo/get-4k-video", "{}").response.status, 405);
    EXPECT_EQ(rig.send("POST", "/api/file-base64-upload", "{}").response.status, 404);
    const auto aleph =
        rig.create("/api/v1/runway/generate/aleph", R"({"prompt":"a","videoUrl":"https://example.com/v.mp4"})");
    const auto veo = rig.create("/api/v1/veo/generate", R"({"prompt":"a"})");
    rig.pass(10s);
    EXPECT_EQ(rig.get("/api/v1/runway/record-detail?taskId=" + aleph).at("data").at("state"), "success");
    const auto data = rig.get("/api/v1/veo/record-info?taskId=" + veo).at("data").as_object();
    EXPECT_EQ(read(data.at("resultUrls").as_string()).as_array().size(), 1U);
    EXPECT_EQ(code_of(rig.get("/api/v1/veo/get-4k-video?taskId=" + veo)), 200);
    rig.create("/api/v1/veo/extend-video", json::serialize(json::object{{"taskId", veo}, {"prompt", "b"}}));
}

TEST(Service, draws_the_same_durations_from_the_same_seed_and_divides_them) {
    const auto done_after = [](double scale) {
        Options options;
        options.limit_requests = 0;
        options.time_scale = scale;
        Rig rig(options);
        const auto id = rig.create("/api/v1/jobs/createTask", R"({"model":"google/imagen4","input":{"prompt":"a"}})");
        rig.pass(1h);
        return rig.get("/api/v1/jobs/recordInfo?taskId=" + id).at("data").at("costTime").as_int64();
    };
    const auto plain = done_after(1);
    EXPECT_GE(plain, 5'000);
    EXPECT_LE(plain, 10'000);
    EXPECT_EQ(plain, done_after(1));
    EXPECT_NEAR(static_cast<double>(plain) / 10, static_cast<double>(done_after(10)), 1.0);
}

}  // namespace
}  // namespace genq::sandbox::test
