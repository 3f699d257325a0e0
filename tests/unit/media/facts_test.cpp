#include <fcntl.h>
#include <gtest/gtest.h>

#include <fstream>

#include "server/media/tools.hpp"
#include "server/sandbox/media.hpp"
#include "tests/support/temp_folder.hpp"

namespace genq::media {
namespace {

constexpr const char* path = "/usr/local/bin:/usr/bin:/bin";

struct FactsTest : testing::Test {
    SystemClock clock;
    Confined confined{clock};
    test::TempFolder folder;
    Result<Tools> tools = find_tools(path, confined);

    void SetUp() override {
        if (!tools && tools.error().code == errc::not_found) GTEST_SKIP() << tools.error().detail;
        ASSERT_TRUE(tools) << tools.error().detail;
    }
    fs::Descriptor file(const std::string& contents) {
        std::ofstream(folder / "input") << contents;
        return std::move(*fs::open_file(folder / "input", O_RDONLY));
    }
    MediaFacts facts(const std::string& contents, std::string_view media_type) {
        return probe(*tools, confined, file(contents).get(), media_type).value_or(MediaFacts{});
    }
};

const sandbox::Label label = sandbox::label_for("a lake", 0);

TEST_F(FactsTest, are_read_from_pictures_films_and_sounds) {
    EXPECT_EQ(facts(sandbox::make_png(label), "image/png"), (MediaFacts{256, 160, std::nullopt, "png"}));
    EXPECT_EQ(facts(sandbox::make_jpeg(label), "image/jpeg"), (MediaFacts{256, 160, std::nullopt, "mjpeg"}));
    EXPECT_EQ(facts(sandbox::make_mp4(label), "video/mp4"), (MediaFacts{160, 96, 2.0, "h264"}));
    const auto sound = facts(sandbox::make_mp3(label), "audio/mpeg");
    EXPECT_EQ(sound.codec, "mp3");
    EXPECT_FALSE(sound.width);
    ASSERT_TRUE(sound.duration_s);
    EXPECT_NEAR(*sound.duration_s, 2.0, 0.1);
}

TEST_F(FactsTest, are_not_known_of_hostile_bytes) {
    const auto film = sandbox::make_mp4(label);
    const auto picture = sandbox::make_png(label);
    auto huge = picture;
    huge.replace(16, 8, std::string(8, '\x7f'));  // width and height of the header
    const std::vector<std::pair<std::string, std::string_view>> hostile{
        {huge, "image/png"},
        {picture.substr(0, 20), "image/png"},
        {film.substr(0, 40), "video/mp4"},
        {film, "image/png"},
        {picture, "video/mp4"},
        {std::string(5000, 'x'), "video/webm"},
        {"", "video/mp4"},
        {"ffconcat version 1.0\nfile /etc/passwd\n", "video/mp4"},
        {"#EXTM3U\n#EXTINF:1\nhttp://127.0.0.1:1/a.ts\n", "audio/mpeg"}};
    for (const auto& [bytes, type] : hostile) {
        EXPECT_EQ(facts(bytes, type), MediaFacts{}) << type << " " << bytes.size();
        if (has_picture(type)) {
            EXPECT_FALSE(media::picture(*tools, confined, file(bytes).get(), type, 64)) << type << " " << bytes.size();
        }
    }
}

TEST_F(FactsTest, know_only_types_with_a_demuxer) {
    EXPECT_TRUE(has_picture("video/webm"));
    EXPECT_FALSE(has_picture("audio/mpeg"));
    for (const char* other : {"text/plain", "application/pdf", "image/svg+xml", "", "video/mp4; x"}) {
        EXPECT_FALSE(has_facts(other)) << other;
    }
}

TEST_F(FactsTest, make_pictures_of_the_asked_width) {
    for (const auto& [bytes, type, width, height] : {std::tuple(sandbox::make_png(label), "image/png", 64, 40),
                                                     std::tuple(sandbox::make_mp4(label), "video/mp4", 80, 48),
                                                     std::tuple(sandbox::make_jpeg(label), "image/jpeg", 2048, 160)}) {
        const auto made = picture(*tools, confined, file(bytes).get(), type, width);
        ASSERT_TRUE(made) << made.error().detail;
        const auto is = facts(*made, "image/webp");
        EXPECT_EQ(is.codec, "webp");
        EXPECT_EQ(is.width, std::min(width, 256)) << "never enlarged";
        EXPECT_EQ(is.height, height);
    }
}

TEST(Facts, of_what_the_tool_says_are_believed_within_bounds) {
    const auto read = [](const char* json) { return facts_in(json, "video/mp4"); };
    EXPECT_EQ(read(R"({"streams":[{"codec_type":"audio","codec_name":"aac"},
                       {"codec_type":"video","codec_name":"h264","width":640,"height":360}],
                       "format":{"duration":"1.500000"}})"),
              (MediaFacts{640, 360, 1.5, "h264"}));
    EXPECT_EQ(read(R"({"streams":[{"codec_type":"video","codec_name":"png","width":9,"height":9,
                       "disposition":{"attached_pic":1}},{"codec_type":"audio","codec_name":"mp3"}],"format":{}})"),
              (MediaFacts{{}, {}, {}, "mp3"}));
    EXPECT_EQ(read(R"({"streams":[{"codec_type":"video","codec_name":"h264","width":65536,"height":1}]})"),
              MediaFacts{});
    EXPECT_EQ(read(R"({"streams":[{"codec_type":"audio","codec_name":"aac"}],"format":{"duration":"-1"}})").duration_s,
              std::nullopt);
    for (const char* nonsense :
         {"", "{}", "[]", "{\"streams\":{}}", "{\"streams\":[7]}", "{\"format\":{\"duration\":\"1\"}}"}) {
        EXPECT_EQ(read(nonsense), MediaFacts{}) << nonsense;
    }
}

TEST(Tools, that_are_missing_are_named_with_their_package) {
    SystemClock clock;
    Confined confined(clock);
    for (const char* nowhere : {"", "/nonexistent", ".:relative"}) {
        const auto tools = find_tools(nowhere, confined);
        ASSERT_FALSE(tools);
        EXPECT_EQ(tools.error().code, errc::not_found);
        EXPECT_NE(tools.error().detail.find("package ffmpeg"), std::string::npos);
    }
}

}  // namespace
}  // namespace genq::media
