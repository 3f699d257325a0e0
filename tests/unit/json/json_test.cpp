#include <gtest/gtest.h>

#include "common/json/canonical.hpp"
#include "common/json/parse.hpp"
#include "common/json/pointer.hpp"
#include "common/json/utf8.hpp"

namespace genq::json {
namespace {

TEST(Parse, reads_a_value) {
    const auto value = parse(R"({"a":[1,2.5,"ü",null,true]})");
    ASSERT_TRUE(value);
    EXPECT_EQ(value->at("a").as_array().size(), 5U);
}

TEST(Parse, refuses_what_is_no_json) {
    for (const std::string_view text :
         {"", " ", "{", "{\"a\":}", "[1,]", "nul", "{} {}", "{}x", "'a'", "01", "NaN", "+1"}) {
        const auto value = parse(text);
        ASSERT_FALSE(value) << text;
        EXPECT_EQ(value.error().code, errc::malformed) << text;
    }
}

TEST(Parse, refuses_numbers_that_are_too_large) {
    EXPECT_FALSE(parse("1e400"));
    EXPECT_FALSE(parse(R"({"a":[-1e999]})"));
    EXPECT_TRUE(parse("1e300"));
}

TEST(Parse, refuses_bytes_that_are_no_utf8) {
    EXPECT_FALSE(parse("\"\xff\""));
    EXPECT_FALSE(parse("\"\xc0\xaf\""));
    EXPECT_FALSE(parse("\"\xed\xa0\x80\""));
}

TEST(Parse, goes_32_levels_deep_and_no_further) {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    EXPECT_TRUE(parse(nested(32)));
    EXPECT_FALSE(parse(nested(33)));
}

TEST(IsObject, agrees_with_the_parser) {
    for (const std::string_view text : {"{}", R"({"a":[1,2.5,"ü",null,true,{"b":18446744073709551615}]})"}) {
        EXPECT_TRUE(is_object(text)) << text;
    }
    for (const std::string_view text : {"", "{", "[]", "1", "{}x", "{} {}", "{\"a\":}", "{\"a\":\"\xff\"}"}) {
        EXPECT_FALSE(is_object(text)) << text;
    }
}

TEST(Pointer, escapes_tildes_and_slashes) {
    EXPECT_EQ(child("", "a"), "/a");
    EXPECT_EQ(child("/a", "b/c~d"), "/a/b~1c~0d");
    EXPECT_EQ(child("/a", 3), "/a/3");
}

TEST(Canonical, does_not_depend_on_the_order_of_keys) {
    EXPECT_EQ(canonical(*parse(R"({"b":{"d":1,"c":[{"y":1,"x":2}]}, "a" : "x"})")),
              canonical(*parse(R"({"a":"x","b":{"c":[{"x":2,"y":1}],"d":1}})")));
}

TEST(Canonical, tells_values_apart) {
    const std::vector<std::string> texts{"1", "1.0", "\"1\"", "true", "[1]", "{}", "[]", "null", "[1,2]", "[2,1]"};
    for (const auto& a : texts) {
        for (const auto& b : texts) EXPECT_EQ(a == b, canonical(*parse(a)) == canonical(*parse(b))) << a << ' ' << b;
    }
}

TEST(Utf8, tells_well_formed_from_other_bytes) {
    EXPECT_TRUE(valid_utf8(""));
    EXPECT_TRUE(valid_utf8("a\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80"));
    for (const std::string_view text : {"\x80", "\xc3", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                        "\xf8\x88\x80\x80\x80", "\xe2\x82"}) {
        EXPECT_FALSE(valid_utf8(text));
    }
}

}  // namespace
}  // namespace genq::json
