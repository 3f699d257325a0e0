#include "common/http/media_type.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace genq::http {
namespace {

using namespace std::string_literals;

struct Sample {
    std::string bytes;
    std::string_view type;
};

TEST(SniffMediaType, knows_the_kinds_that_providers_send) {
    const std::vector<Sample> samples{
        {"\x89PNG\r\n\x1a\n\0\0"s, "image/png"},
        {"\xff\xd8\xff\xe0"s, "image/jpeg"},
        {"GIF89a"s, "image/gif"},
        {"RIFF\1\2\3\4WEBPVP8 "s, "image/webp"},
        {"RIFF\1\2\3\4WAVEfmt "s, "audio/wav"},
        {"\0\0\0\x20"
         "ftypisom"s,
         "video/mp4"},
        {"\0\0\0\x14"
         "ftypqt  "s,
         "video/quicktime"},
        {"\0\0\0\x20"
         "ftypM4A "s,
         "audio/mp4"},
        {"\0\0\0\x20"
         "ftypavif"s,
         "image/avif"},
        {"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm"s, "video/webm"},
        {"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska"s, "video/x-matroska"},
        {"ID3\4\0"s, "audio/mpeg"},
        {"\xff\xfb\x90\x64"s, "audio/mpeg"},
        {"\xff\xf1\x50\x80"s, "audio/aac"},
        {"OggS\0"s, "audio/ogg"},
        {"fLaC\0"s, "audio/flac"},
        {"%PDF-1.7"s, "application/pdf"},
        {"PK\3\4\x14"s, "application/zip"},
        {"{\"a\":1}"s, "application/json"},
        {" [1, 2]"s, "application/json"},
        {"{curly}"s, "text/plain"},
        {"Grüße"s, "text/plain"},
        {"<html><script>"s, "text/plain"},
        {"<svg xmlns="s, "text/plain"},
        {"\x7f"
         "ELF\2"s,
         "application/octet-stream"},
        {"\xff\xff\xff\xff"s, "application/octet-stream"},
        {"text\0text"s, "application/octet-stream"},
        {""s, "application/octet-stream"},
    };
    for (const Sample& sample : samples) EXPECT_EQ(sniff_media_type(sample.bytes), sample.type) << sample.bytes;
}

TEST(SniffMediaType, forgives_a_character_cut_off_at_the_end_only) {
    EXPECT_EQ(sniff_media_type("abc\xe2\x82"), "text/plain");
    EXPECT_EQ(sniff_media_type("abc\xe2\x82", true), "application/octet-stream");
    EXPECT_EQ(sniff_media_type("ab\xe2\x82z"), "application/octet-stream");
}

TEST(ExtensionFor, ignores_case_and_parameters) {
    EXPECT_EQ(extension_for("image/png"), "png");
    EXPECT_EQ(extension_for("Text/Plain; charset=utf-8"), "txt");
    EXPECT_EQ(extension_for("application/x-unheard-of"), "bin");
}

}  // namespace
}  // namespace genq::http
