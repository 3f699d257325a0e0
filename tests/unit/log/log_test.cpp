#include "common/log/log.hpp"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <limits>

#include "common/log/line.hpp"

namespace genq::log {
namespace {

using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;
using Fields = std::vector<Field>;

TEST(EventText, quotes_values_where_needed) {
    EXPECT_EQ(event_text("job submitted", Fields{{"job", "01J"}, {"attempt", 2}, {"ok", true}, {"lag", 0.5}}),
              "job submitted job=01J attempt=2 ok=true lag=0.5");
    EXPECT_EQ(event_text("m", Fields{{"a", ""}, {"b", "two words"}, {"c", "x=\"y\""}, {"d", "Grüße"}}),
              R"(m a="" b="two words" c="x=\"y\"" d="Grüße")");
}

TEST(EventText, names_a_trace_where_there_is_one) {
    EXPECT_EQ(event_text("m", Fields{{"job", "01J"}, trace("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")}),
              "m job=01J trace_id=4bf92f3577b34da6a3ce929d0e0e4736");
    EXPECT_EQ(event_text("m", Fields{{"job", "01J"}, trace("")}), "m job=01J");
    EXPECT_EQ(boost::json::parse("{" + event_json("m", Fields{trace("")}) + "}").as_object().size(), 1U);
}

TEST(EventText, leaves_out_what_is_not_known) {
    EXPECT_EQ(event_text("m", Fields{if_known("job", ""), if_known("model", "a/b")}), "m model=a/b");
}

TEST(EventText, never_breaks_a_line_nor_reaches_the_terminal) {
    EXPECT_EQ(event_text("a\nb", Fields{{"k", "\x1b[31m\r\n\t\x7f"}}), R"(a\nb k="\u001b[31m\r\n\t\u007f")");
    EXPECT_EQ(event_text("m", Fields{{"k", "\xc2\x85\xe2\x80\xa8\xff"}}), "m k=\"\\u0085\\u2028\ufffd\"");
}

TEST(EventJson, is_an_object_whatever_the_bytes) {
    std::string all;
    for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
    const std::string line =
        "{" + event_json(all, Fields{{"nan", std::numeric_limits<double>::quiet_NaN()}, {"k", all}}) + "}";
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const auto value = boost::json::parse(line);
    EXPECT_TRUE(value.at("nan").is_null());
    EXPECT_TRUE(value.at("k").is_string());
}

TEST(Logger, puts_what_an_event_is_about_before_its_own_fields) {
    Logger logger(Level::info, Format::text);
    const Subject subject{{"job", "01J"}};
    CaptureStderr();
    logger.info("job submitted", subject, {{"attempt", 2}});
    logger.warn("it waits", subject);
    logger.debug("too fine", subject);
    EXPECT_THAT(GetCapturedStderr(),
                ::testing::MatchesRegex(".*job submitted job=01J attempt=2\n.*it waits job=01J\n"));
}

TEST(Logger, writes_one_line_an_event) {
    CaptureStderr();
    Logger(Level::info, Format::text).warn("disk is nearly full", {{"free_bytes", 12}});
    EXPECT_THAT(GetCapturedStderr(),
                ::testing::MatchesRegex(R"(20..-..-..T..:..:......Z warn disk is nearly full free_bytes=12.)"));
    CaptureStderr();
    Logger(Level::info, Format::json).error("no", {{"why", "x"}});
    const auto value = boost::json::parse(GetCapturedStderr());
    EXPECT_EQ(value.at("level").as_string(), "error");
    EXPECT_EQ(value.at("message").as_string(), "no");
    EXPECT_EQ(value.at("why").as_string(), "x");
}

TEST(Logger, leaves_out_what_is_below_its_level) {
    CaptureStderr();
    Logger logger(Level::warn, Format::text);
    logger.info("unseen");
    EXPECT_FALSE(logger.enabled(Level::info));
    logger.set_level(Level::debug);
    EXPECT_TRUE(logger.enabled(Level::debug));
    EXPECT_EQ(GetCapturedStderr(), "");
}

TEST(WithoutQuery, drops_signatures) {
    EXPECT_EQ(without_query("https://h/p?sig=x#y"), "https://h/p");
    EXPECT_EQ(without_query("https://h/p"), "https://h/p");
}

}  // namespace
}  // namespace genq::log
