#include "server/cli/format.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "server/cli/characters.hpp"

namespace genq::cli {
namespace {

using ::testing::HasSubstr;

TEST(Format, aligns_tables) {
    EXPECT_EQ(render_table({{"JOB", "STATUS"}, {"1", "queued"}, {"long id", ""}}),
              "JOB      STATUS\n1        queued\nlong id\n");
    EXPECT_EQ(render_table({{"ü", "x"}, {"ab", "y"}}), "ü   x\nab  y\n");
}

TEST(Format, cuts_tables_to_the_terminal) {
    const std::vector<std::vector<std::string>> rows{{"MODEL", "FAMILY", "GOOD FOR"},
                                                     {"google/imagen4", "market", "pictures of all sorts"}};
    EXPECT_EQ(render_table(rows, 36), "MODEL           FAMILY  GOOD FOR\ngoogle/imagen4  market  pictures of…\n");
    EXPECT_EQ(render_table(rows, 3), "MODEL           FAMILY  GOOD …\ngoogle/imagen4  market  pictu…\n");
    EXPECT_EQ(render_table(rows), render_table(rows, 80));
    EXPECT_EQ(render_table({{"狐", "x"}, {"abc", "y"}}), "狐   x\nabc  y\n");
}

TEST(Format, says_sizes_and_times_for_people) {
    EXPECT_EQ(human_bytes(0), "0 B");
    EXPECT_EQ(human_bytes(999), "999 B");
    EXPECT_EQ(human_bytes(1400), "1.4 kB");
    EXPECT_EQ(human_bytes(23'000'000), "23 MB");
    EXPECT_EQ(human_bytes(999'999), "1.0 MB");
    EXPECT_EQ(human_bytes(1'234'000'000), "1.2 GB");
    EXPECT_EQ(human_seconds(8), "8 s");
    EXPECT_EQ(human_seconds(80), "1 min 20 s");
    EXPECT_EQ(human_seconds(7500), "2 h 5 min");
}

TEST(Format, lets_no_control_character_through) {
    EXPECT_EQ(printable("a\x1b[2Jb\nc"), "a?[2Jb?c");
    EXPECT_EQ(render_table({{"\x1b[1m"}}), "?[1m\n");
    EXPECT_EQ(printable("a\xc2\x9b"
                        "b"),
              "a?b")
        << "C1";
    EXPECT_EQ(printable("fox\u202egnp.exe\u2066\u200f\u061c"), "fox?gnp.exe???") << "the direction of writing";
    EXPECT_EQ(printable("\x9b"
                        "2J\xff"),
              "?2J?")
        << "no UTF-8";
    EXPECT_EQ(printable("dürr 狐 🦊 e\u0301"), "dürr 狐 🦊 e\u0301");
}

TEST(Format, reads_answers_of_any_shape) {
    const auto value = boost::json::parse(R"({"a":{"b":"x","n":7,"d":1.5,"t":true},"l":[1,2],"z":null})");
    EXPECT_EQ(text_at(value, "a.b"), "x");
    EXPECT_EQ(text_at(value, "a.n"), "7");
    EXPECT_EQ(text_at(value, "a.d"), "1.5");
    EXPECT_EQ(text_at(value, "a.t"), "true");
    EXPECT_EQ(text_at(value, "a.b.c"), "");
    EXPECT_EQ(text_at(value, "z"), "");
    EXPECT_EQ(int_at(value, "a.n"), 7);
    EXPECT_EQ(int_at(value, "a.b"), 0);
    EXPECT_EQ(array_at(value, "l").size(), 2U);
    EXPECT_TRUE(array_at(value, "a").empty());
    EXPECT_TRUE(at(boost::json::value("x"), "a").is_null());
}

TEST(Format, shows_progress_on_one_line) {
    EXPECT_EQ(
        progress_line(boost::json::parse(R"({"status":"queued","queue":{"reason":"rate_limit","position":12}})"), 3),
        "queued (rate_limit, 12 before it)  3 s");
    EXPECT_EQ(progress_line(boost::json::parse(R"({"status":"generating","progress":{"fraction":0.42}})"), 80),
              "generating  42 %  1 min 20 s");
}

TEST(Format, describes_a_job) {
    const auto text = describe_job(boost::json::parse(
        R"({"id":"01J","status":"failed","model":"m","family":"market","billed":"no","warnings":["odd"],
            "error":{"code":"rejected","message":"no\nprompt","advice":"give one"},
            "outputs":[{"index":0,"filename":"a.png","bytes":1400,"media_type":"image/png","sha256":"ab"},{"index":1}]})"));
    EXPECT_THAT(text, HasSubstr("job         01J\nstatus      failed\nmodel       m (market)\n"));
    EXPECT_THAT(text, HasSubstr("error       rejected: no?prompt\nadvice      give one\n"));
    EXPECT_THAT(text, HasSubstr("output      a.png  1.4 kB  image/png  sha256 ab\noutput      1  not stored yet\n"));
    EXPECT_THAT(text, HasSubstr("warning     odd\n"));
}

TEST(Characters, take_the_columns_that_a_terminal_gives_them) {
    EXPECT_EQ(columns_of("fox"), 3U);
    EXPECT_EQ(columns_of("dürr"), 4U);
    EXPECT_EQ(columns_of("狐"), 2U);
    EXPECT_EQ(columns_of("e\u0301"), 1U);
    EXPECT_EQ(cut_to("a red fox", 9), "a red fox");
    EXPECT_EQ(cut_to("a red fox", 8), "a red f…");
    EXPECT_EQ(cut_to("狐狐狐", 4), "狐…");
    EXPECT_EQ(cut_to("fox", 0), "");
}

}  // namespace
}  // namespace genq::cli
