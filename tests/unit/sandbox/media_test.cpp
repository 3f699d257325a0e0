#include "server/sandbox/media.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <map>

#include "common/crypto/sha256.hpp"
#include "common/http/media_type.hpp"
#include "server/sandbox/canvas.hpp"

namespace genq::sandbox::test {
namespace {

using namespace std::string_literals;

std::uint32_t u32(std::string_view bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes.at(at + i));
    return value;
}

TEST(Media, shows_the_first_digits_of_the_hash_of_the_prompt) {
    EXPECT_EQ(label_for("a lake", 2).hash, crypto::sha256_hex("a lake").substr(0, 8));
    EXPECT_EQ(label_for("a lake", 2).index, 2);
}

TEST(Media, is_the_same_for_the_same_label_and_differs_for_another_file_of_the_task) {
    for (const auto kind : {MediaKind::png, MediaKind::jpeg, MediaKind::mp4, MediaKind::mp3}) {
        EXPECT_EQ(make_media(kind, label_for("a", 0)), make_media(kind, label_for("a", 0)));
        EXPECT_NE(make_media(kind, label_for("a", 0)), make_media(kind, label_for("a", 1)));
        EXPECT_NE(make_media(kind, label_for("a", 0)), make_media(kind, label_for("b", 0)));
        EXPECT_EQ(http::sniff_media_type(make_media(kind, label_for("a", 0))), content_type(kind));
    }
}

TEST(Media, draws_letters_on_the_canvas) {
    Canvas canvas(20, 10, {0, 0, 0});
    canvas.write("1", 0, 0, 1, {255, 255, 255});
    EXPECT_EQ(canvas.at(2, 0).red, 255);
    EXPECT_EQ(canvas.at(0, 0).red, 0);
    canvas.write("888", 18, 8, 3, {255, 255, 255});  // most of it outside
}

TEST(Media, png_has_whole_chunks_with_right_sums_and_all_its_rows) {
    const auto png = make_png(label_for("a lake", 0));
    ASSERT_TRUE(png.starts_with("\x89PNG\r\n\x1a\n"));
    std::map<std::string, std::string> chunks;
    std::size_t at = 8;
    while (at < png.size()) {
        const auto size = u32(png, at);
        const auto body = png.substr(at + 4, size + 4);
        const auto sum = crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
        EXPECT_EQ(u32(png, at + 8 + size), sum);
        chunks[body.substr(0, 4)] = body.substr(4);
        at += 12 + size;
    }
    EXPECT_EQ(at, png.size());
    EXPECT_TRUE(chunks.contains("IEND"));
    const auto& header = chunks.at("IHDR");
    const auto row = u32(header, 0) * 3 + 1;
    std::string raw(row * u32(header, 4), '\0');
    uLongf size = raw.size();
    const auto& packed = chunks.at("IDAT");
    EXPECT_EQ(uncompress(reinterpret_cast<Bytef*>(raw.data()), &size, reinterpret_cast<const Bytef*>(packed.data()),
                         packed.size()),
              Z_OK);
    EXPECT_EQ(size, raw.size());
}

TEST(Media, jpeg_begins_and_ends_as_one) {
    const auto jpeg = make_jpeg(label_for("a lake", 0));
    EXPECT_TRUE(jpeg.starts_with("\xFF\xD8\xFF"));
    EXPECT_TRUE(jpeg.ends_with("\xFF\xD9"));
    EXPECT_NE(jpeg.find(label_for("a lake", 0).hash), std::string::npos);
}

// The boxes of one level: type → content.
std::map<std::string, std::string> boxes(std::string_view bytes) {
    std::map<std::string, std::string> found;
    std::size_t at = 0;
    while (at + 8 <= bytes.size()) {
        const auto size = u32(bytes, at);
        EXPECT_GE(size, 8U);
        EXPECT_LE(at + size, bytes.size());
        if (size < 8) break;
        found[std::string(bytes.substr(at + 4, 4))] = bytes.substr(at + 8, size - 8);
        at += size;
    }
    EXPECT_EQ(at, bytes.size());
    return found;
}

TEST(Media, mp4_has_its_header_first_and_samples_that_lie_where_it_says) {
    const auto mp4 = make_mp4(label_for("a lake", 0));
    const auto top = boxes(mp4);
    EXPECT_LT(mp4.find("moov"), mp4.find("mdat"));
    const auto track = boxes(boxes(top.at("moov")).at("trak"));
    const auto table = boxes(boxes(boxes(track.at("mdia")).at("minf")).at("stbl"));
    const auto& sizes = table.at("stsz");
    const auto& offsets = table.at("stco");
    const auto count = u32(sizes, 8);
    ASSERT_EQ(count, 20U);
    std::size_t at = u32(offsets, 8);
    EXPECT_EQ(at, mp4.find("mdat") + 4);
    for (std::uint32_t sample = 0; sample < count; ++sample) {
        const auto size = u32(sizes, 12 + 4 * sample);
        EXPECT_EQ(u32(mp4, at), size - 4);  // one unit a sample, its length before it
        EXPECT_EQ(static_cast<unsigned char>(mp4.at(at + 4)), sample == 0 ? 0x65 : 0x41);
        at += size;
    }
    EXPECT_EQ(at, mp4.size());
}

TEST(Media, no_h264_unit_holds_a_start_code) {
    for (const auto* prompt : {"a", "b", "c"}) {
        const auto mp4 = make_mp4(label_for(prompt, 0));
        const auto data = std::string_view(mp4).substr(mp4.find("mdat") + 9);
        EXPECT_EQ(data.find("\0\0\1"s), std::string_view::npos);
    }
}

TEST(Media, mp3_is_a_tag_and_then_nothing_but_whole_frames) {
    const auto label = label_for("a lake", 0);
    const auto mp3 = make_mp3(label);
    ASSERT_TRUE(mp3.starts_with("ID3\x03"));
    EXPECT_NE(mp3.find(label.hash), std::string::npos);
    EXPECT_NE(mp3.find("a lake"), std::string::npos);
    std::size_t at = 0;
    for (std::size_t i = 6; i < 10; ++i) at = at << 7 | static_cast<unsigned char>(mp3[i]);
    at += 10;
    std::size_t frames = 0;
    for (; at < mp3.size(); at += 104, ++frames) EXPECT_EQ(u32(mp3, at), 0xFFFB10C0U);
    EXPECT_EQ(at, mp3.size());
    EXPECT_EQ(frames, 77U);
}

TEST(Media, mp3_tag_bears_any_prompt) {
    const auto mp3 = make_mp3(label_for(std::string(100'000, '\xFF'), 0));
    EXPECT_LT(mp3.size(), 10'000U);
    EXPECT_EQ(mp3.find("\xFF\xFF"), std::string::npos);
}

}  // namespace
}  // namespace genq::sandbox::test
