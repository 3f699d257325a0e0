#include "server/cli/model_input.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace genq::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

boost::json::value one(const std::string& argument) {
    const auto input = parse_input({argument});
    if (!input) return boost::json::string("fault: " + input.error().detail);
    return input->words.empty() ? input->values.at("k") : read_field(input->words.front().second, nullptr).value;
}

TEST(Input, takes_json_that_is_no_text_and_all_else_as_text) {
    EXPECT_EQ(one("k=7"), boost::json::value(7));
    EXPECT_EQ(one("k=-0.5"), boost::json::value(-0.5));
    EXPECT_EQ(one("k=true"), boost::json::value(true));
    EXPECT_EQ(one("k=[1,\"a\"]"), boost::json::parse("[1,\"a\"]"));
    EXPECT_EQ(one("k={\"a\":1}"), boost::json::parse("{\"a\":1}"));
    EXPECT_EQ(one("k=a red fox"), boost::json::value("a red fox"));
    EXPECT_EQ(one("k=null"), boost::json::value("null"));
    EXPECT_EQ(one("k=\"quoted\""), boost::json::value("\"quoted\""));
    EXPECT_EQ(one("k="), boost::json::value(""));
    EXPECT_EQ(one("k=a=b"), boost::json::value("a=b"));
    EXPECT_EQ(one("k=16:9"), boost::json::value("16:9"));
    EXPECT_EQ(one("k=https://example.com/?a:=1"), boost::json::value("https://example.com/?a:=1"));
}

TEST(Input, keeps_numbers_that_no_double_holds_as_text) {
    EXPECT_EQ(one("k=123456789012345678901"), boost::json::value("123456789012345678901"));
    EXPECT_EQ(one("k=1e400"), boost::json::value("1e400"));
    EXPECT_EQ(one("k=18446744073709551615"), boost::json::value(18446744073709551615ULL));
}

TEST(Input, takes_any_json_after_a_colon) {
    EXPECT_EQ(one("k:=\"42\""), boost::json::value("42"));
    EXPECT_EQ(one("k:=null"), boost::json::value(nullptr));
    EXPECT_EQ(one("k:=42"), boost::json::value(42));
}

TEST(Batch, is_a_list_of_jobs_or_one_after_the_other_or_the_whole) {
    const auto jobs = [](const std::string& text) { return serialize(*parse_batch(text)); };
    EXPECT_EQ(jobs(R"([{"model":"a"},{"model":"b"}])"), R"({"jobs":[{"model":"a"},{"model":"b"}]})");
    EXPECT_EQ(jobs("{\"model\":\"a\"}\n\n{\"model\":\"b\"}\n"), R"({"jobs":[{"model":"a"},{"model":"b"}]})");
    EXPECT_EQ(jobs(R"({"model":"a"})"), R"({"jobs":[{"model":"a"}]})");
    EXPECT_EQ(jobs(R"({"labels":{"x":"y"},"jobs":[]})"), R"({"labels":{"x":"y"},"jobs":[]})");
    EXPECT_EQ(parse_batch(" \n").error().detail, "there is no job in it");
    EXPECT_THAT(parse_batch("{\"model\":\"a\"}\n{\"model\":").error().detail, ::testing::HasSubstr("line 2: "));
}

TEST(Input, refuses_what_it_can_not_read) {
    EXPECT_EQ(parse_input({"prompt"}).error().code, errc::invalid_argument);
    EXPECT_EQ(parse_input({"=x"}).error().code, errc::invalid_argument);
    EXPECT_EQ(parse_input({":=1"}).error().code, errc::invalid_argument);
    EXPECT_EQ(parse_input({"k:=nonsense"}).error().code, errc::invalid_argument);
    EXPECT_THAT(parse_input({"k=1", "k=2"}).error().detail, ::testing::HasSubstr("k is given twice"));
    EXPECT_THAT(parse_input({"k=@a.png", "k=2"}).error().detail, ::testing::HasSubstr("k is given twice"));
    EXPECT_THAT(parse_input({"k=2", "k=@a.png"}).error().detail, ::testing::HasSubstr("k is given twice"));
}

TEST(Input, repeats_a_key_for_files_alone) {
    const auto input = parse_input({"urls=@fox.png", "prompt=a=@b", "urls=@my hare.jpg"});
    ASSERT_TRUE(input);
    EXPECT_THAT(input->words,
                ElementsAre(Pair("urls", "@fox.png"), Pair("prompt", "a=@b"), Pair("urls", "@my hare.jpg")));
    EXPECT_EQ(parse_input({"text:=\"@fox\""})->values.at("text"), boost::json::value("@fox"));
}

TEST(Field, of_text_takes_it_as_it_is) {
    const auto text = boost::json::parse(R"({"type":"string"})");
    for (const char* written : {"true", "7", "{\"scene\":\"a fox\"}", "[1]", "@someone hello"}) {
        EXPECT_EQ(read_field(written, text).value, boost::json::value(written));
        EXPECT_EQ(read_field(written, boost::json::parse(R"({"type":["string","null"]})")).value,
                  boost::json::value(written));
    }
    EXPECT_EQ(read_field("7", boost::json::parse(R"({"type":"integer"})")).value, boost::json::value(7));
    EXPECT_EQ(read_field("7", boost::json::parse(R"({"type":["string","integer"]})")).value, boost::json::value(7));
    EXPECT_EQ(read_field("7", nullptr).value, boost::json::value(7));
}

TEST(Field, takes_a_file_where_it_may_be_one) {
    EXPECT_TRUE(read_field("@none.png", nullptr).is_file);
    EXPECT_TRUE(read_field("@none.png", boost::json::parse(R"({"type":"string","x-genqd-file":{}})")).is_file);
    EXPECT_TRUE(read_field("@/dev/null", boost::json::parse(R"({"type":"string"})")).is_file) << "it is there";
    const auto list = read_field("@none.png", boost::json::parse(R"({"type":"array","items":{"x-genqd-file":{}}})"));
    EXPECT_TRUE(list.is_file && list.is_list);
}

TEST(Labels, are_pairs) {
    EXPECT_EQ(parse_labels({"a=1", "b=x=y"})->at("b"), boost::json::value("x=y"));
    EXPECT_FALSE(parse_labels({"a"}));
    EXPECT_FALSE(parse_labels({"=a"}));
}

TEST(Duration, has_a_unit_or_means_seconds) {
    EXPECT_EQ(parse_duration_s("90").value(), 90);
    EXPECT_EQ(parse_duration_s("90s").value(), 90);
    EXPECT_EQ(parse_duration_s("10m").value(), 600);
    EXPECT_EQ(parse_duration_s("2h").value(), 7200);
    EXPECT_EQ(parse_duration_s("1d").value(), 86'400);
    EXPECT_EQ(parse_duration_s("1h30m").value(), 5400);
    EXPECT_EQ(parse_duration_s("1d2h3m4s").value(), 93'784);
    for (const char* bad : {"", "m", "-1", "1h30", "30m1h", "1h1h", "1.5h", "10 m", "1w", "99999999999999999999"}) {
        EXPECT_FALSE(parse_duration_s(bad)) << bad;
    }
}

}  // namespace
}  // namespace genq::cli
