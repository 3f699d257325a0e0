#include "server/upstream/results.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "server/upstream/fields.hpp"

namespace genq::upstream {
namespace {

namespace json = boost::json;

std::vector<std::string> outputs_of(const char* text, std::string_view role = by_name) {
    const auto value = json::parse(text);
    std::vector<Output> outputs;
    add_outputs(outputs, &value, role);
    std::vector<std::string> result;
    for (const auto& output : outputs) result.push_back(output.role + " " + output.source_url);
    return result;
}

std::vector<std::string> anywhere(const char* text, std::string_view role) {
    std::vector<Output> outputs;
    add_outputs_from_anywhere(outputs, json::parse(text).as_object(), role);
    std::vector<std::string> result;
    for (const auto& output : outputs) result.push_back(output.role + " " + output.source_url);
    return result;
}

using Outputs = std::vector<std::string>;

TEST(Outputs, are_read_from_every_shape) {
    const Outputs expected{"image https://x/1.png", "image https://x/2.png"};
    EXPECT_EQ(outputs_of(R"(["https://x/1.png","https://x/2.png"])"), expected);
    EXPECT_EQ(outputs_of(R"("[\"https://x/1.png\",\"https://x/2.png\"]")"), expected);
    EXPECT_EQ(outputs_of(R"([{"resultUrl":"https://x/1.png"},{"url":"https://x/2.png"}])"), expected);
    EXPECT_EQ(outputs_of(R"("https://x/1.png")"), Outputs{"image https://x/1.png"});
    EXPECT_EQ(outputs_of(R"({"video_url":"https://x/1.mp4","image_url":"https://x/1.png"})"),
              Outputs{"video https://x/1.mp4"});
}

TEST(Outputs, are_fetchable_urls_only_and_each_once) {
    EXPECT_EQ(outputs_of(R"(["", "no url", "file:///etc/passwd", "https://x/a b", null, 7, {}, [], "ftp://x/1"])"),
              Outputs{});
    EXPECT_EQ(outputs_of(R"(["https://x/1.png", "https://x/1.png"])").size(), 1U);
}

TEST(Outputs, have_the_role_that_their_name_tells) {
    EXPECT_EQ(outputs_of(R"(["https://x/1.MP3?sig=a.png", "https://x/stream"])"),
              (Outputs{"audio https://x/1.MP3?sig=a.png", "file https://x/stream"}));
}

TEST(Outputs, take_no_cover_for_a_film_or_track_that_is_not_there_yet) {
    EXPECT_EQ(outputs_of(R"([{"audioUrl":"","imageUrl":"https://x/cover.jpg"}])"), Outputs{});
    EXPECT_EQ(outputs_of(R"([{"videoUrl":null,"imageUrl":"https://x/cover.jpg"}])"), Outputs{});
    EXPECT_EQ(outputs_of(R"([{"imageUrl":"https://x/1.jpg"}])"), Outputs{"image https://x/1.jpg"});
}

TEST(Outputs, are_found_in_every_known_place) {
    for (const char* record :
         {R"({"resultJson":"{\"resultUrls\":[\"https://x/1\"]}"})", R"({"response":{"resultUrls":["https://x/1"]}})",
          R"({"response":"{\"result_urls\":\"https://x/1\"}"})", R"({"response":{"resultVideoUrl":"https://x/1"}})",
          R"({"response":{"fullResultUrls":["https://x/1"]}})", R"({"response":{"videoUrl":"https://x/1"}})",
          R"({"videoInfo":{"videoUrl":"https://x/1"}})", R"({"info":{"resultUrls":["https://x/1"]}})",
          R"({"resultInfoJson":"{\"resultUrls\":[{\"resultUrl\":\"https://x/1\"}]}"})",
          R"({"resultUrls":"[\"https://x/1\"]"})", R"({"resultUrl":"https://x/1"})"}) {
        EXPECT_EQ(anywhere(record, "video"), Outputs{"video https://x/1"}) << record;
    }
}

TEST(Outputs, are_never_taken_from_inputs_originals_covers_streams_and_marked_copies) {
    constexpr const char* record = R"({
        "param":"{\"resultUrls\":[\"https://x/in\"]}", "paramJson":"{\"videoUrl\":\"https://x/in\"}",
        "generateParam":{"imageUrl":"https://x/in"}, "imageUrls":["https://x/cover"],
        "response":{"originUrls":["https://x/o"],"originImageUrl":"https://x/o","imageUrls":["https://x/c"],
                    "resultWaterMarkUrls":["https://x/w"],"sunoData":[{"streamAudioUrl":"https://x/s"}]},
        "videoInfo":{"imageUrl":"https://x/cover"}, "info":{"originUrls":["https://x/o"]}})";
    for (const char* role : {"image", "video", "audio", ""}) EXPECT_EQ(anywhere(record, role), Outputs{}) << role;
    EXPECT_EQ(
        anywhere(R"({"response":{"resultVideoUrl":"https://x/1.mp4","resultImageUrl":"https://x/c.png"}})", "video"),
        Outputs{"video https://x/1.mp4"});
}

std::string text_of_json(const char* text) {
    return text_of_result(json::parse(text)).value_or("none");
}

TEST(Results, that_are_text_can_be_read_as_such) {
    EXPECT_EQ(text_of_json(R"({"transcript":{"text":"hello world","words":[]}})"), "hello world\n");
    EXPECT_EQ(text_of_json(R"({"transcript":{"text":""}})"), "\n") << "silence is a result";
    EXPECT_EQ(text_of_json(R"({"lyrics":[{"title":"A","text":"la\n"},{"title":null,"text":"lu"}]})"),
              "A\n\nla\n\nlu\n");
    EXPECT_EQ(text_of_json(R"({"object":{"text":"a description"}})"), "a description\n");
    for (const char* other : {R"({"tracks":[{"title":"A","lyrics":"la"}]})", R"({"object":{"masks":3}})",
                              R"({"generation":{"resolution":"1080p","seeds":null}})", "null", "7", "[]"}) {
        EXPECT_EQ(text_of_json(other), "none") << other;
    }
}

TEST(Results, of_speech_have_one_shape_and_lose_nothing) {
    const auto answer = [](const char* text) { return answer_in(json::parse(text).as_object()); };
    EXPECT_EQ(
        answer(R"({"text":"hi","language_code":"eng","words":[{"text":"hi","start":"0.5","logprob":-1}],"id":7})"),
        json::parse(R"({"transcript":{"text":"hi","language_code":"eng","id":7,"words":[
                  {"text":"hi","logprob":-1,"type":null,"speaker_id":null,"start_s":0.5,"end_s":null}]}})"));
    EXPECT_EQ(answer(R"({"text":"hi","words":"broken"})"),
              json::parse(R"({"transcript":{"text":"hi","language_code":null,"words":[]}})"));
    EXPECT_EQ(answer(R"({"text":"a red fox"})"), json::parse(R"({"object":{"text":"a red fox"}})"));
}

TEST(Results, tell_resolution_and_seeds_where_kie_ai_does) {
    const auto told = [](const char* text) {
        return generation_in(json::parse(text).as_object()).value_or(json::value(nullptr));
    };
    EXPECT_EQ(told(R"({"resultUrls":["https://x/1"]})"), json::value(nullptr));
    EXPECT_EQ(told(R"({"resolution":"","seeds":[]})"), json::value(nullptr));
    EXPECT_EQ(told(R"({"resolution":"4k","seeds":[7,"18446744073709551617",null]})"),
              json::parse(R"({"generation":{"resolution":"4k","seeds":[7,"18446744073709551617"]}})"));
    EXPECT_EQ(told(R"({"seed":12})"), json::parse(R"({"generation":{"resolution":null,"seeds":[12]}})"));
}

TEST(Fields, read_numbers_in_any_dress) {
    const auto number = [](const char* text) {
        const auto value = json::parse(text);
        return integer_of(&value);
    };
    EXPECT_EQ(number("200"), 200);
    EXPECT_EQ(number("\"200\""), 200);
    EXPECT_EQ(number("\" 200 \""), 200);
    EXPECT_EQ(number("200.0"), 200);
    EXPECT_EQ(number("true"), 1);
    EXPECT_EQ(number("1.5"), std::nullopt);
    EXPECT_EQ(number("1e300"), std::nullopt);
    EXPECT_EQ(number("\"nan\""), std::nullopt);
    EXPECT_EQ(number("\"200 OK\""), std::nullopt);
    EXPECT_EQ(number("\"\""), std::nullopt);
    EXPECT_EQ(number("[]"), std::nullopt);
}

TEST(Fields, encode_all_but_unreserved_characters) {
    EXPECT_EQ(percent_encoded("task_1-2.3~4"), "task_1-2.3~4");
    EXPECT_EQ(percent_encoded("a b/c?d&e=f#ü%"), "a%20b%2Fc%3Fd%26e%3Df%23%C3%BC%25");
}

}  // namespace
}  // namespace genq::upstream
