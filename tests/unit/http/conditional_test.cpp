#include "common/http/conditional.hpp"

#include <gtest/gtest.h>

namespace genq::http {
namespace {

TEST(NoneMatch, compares_weakly) {
    EXPECT_TRUE(none_match_names("\"a\"", "\"a\""));
    EXPECT_TRUE(none_match_names("W/\"a\"", "\"a\""));
    EXPECT_TRUE(none_match_names("\"a\"", "W/\"a\""));
    EXPECT_FALSE(none_match_names("\"b\"", "\"a\""));
}

TEST(NoneMatch, reads_lists) {
    EXPECT_TRUE(none_match_names("\"x\", W/\"y\" ,\"a\"", "\"a\""));
    EXPECT_TRUE(none_match_names(",, \"a\"", "\"a\""));
    EXPECT_TRUE(none_match_names("\"x,y\",\"a\"", "\"a\""));
    EXPECT_FALSE(none_match_names("\"x,\"a\"", "\"b\""));
    EXPECT_TRUE(none_match_names(" * ", "\"a\""));
}

TEST(NoneMatch, ignores_what_is_no_list_of_tags) {
    for (const char* text : {"", "a", "\"a", "w/\"a\"", "*x", "W/"})
        EXPECT_FALSE(none_match_names(text, "\"a\"")) << text;
}

TEST(IfRange, compares_strongly) {
    EXPECT_TRUE(if_range_holds("", "\"a\""));
    EXPECT_TRUE(if_range_holds(" \"a\" ", "\"a\""));
    EXPECT_FALSE(if_range_holds("\"b\"", "\"a\""));
    EXPECT_FALSE(if_range_holds("W/\"a\"", "W/\"a\""));
    EXPECT_FALSE(if_range_holds("W/\"a\"", "\"a\""));
    EXPECT_FALSE(if_range_holds("Sun, 22 Nov 2026 19:00:00 GMT", "\"a\""));
}

TEST(IfMatch, compares_strongly) {
    EXPECT_TRUE(match_holds("\"a\"", "\"a\""));
    EXPECT_TRUE(match_holds(" * ", "\"a\""));
    EXPECT_TRUE(match_holds("\"b\", ,\"a\"", "\"a\""));
    EXPECT_FALSE(match_holds("W/\"a\"", "\"a\""));
    EXPECT_FALSE(match_holds("W/\"a\"", "W/\"a\""));
    EXPECT_FALSE(match_holds("\"a,b\"", "\"b\""));
    EXPECT_FALSE(match_holds("", "\"a\""));
    EXPECT_FALSE(match_holds("a", "\"a\""));
}

}  // namespace
}  // namespace genq::http
