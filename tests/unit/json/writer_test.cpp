#include "common/json/writer.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "common/json/parse.hpp"

namespace genq::json {
namespace {

TEST(Writer, puts_commas_where_json_wants_them) {
    std::string text;
    Writer out(text);
    out.begin_object()
        .field("a", 1)
        .key("b")
        .begin_array()
        .value("x")
        .begin_object()
        .end_object()
        .value(true)
        .end_array();
    out.field("c", nullptr).key("d").begin_object().field("e", 1.5).end_object().end_object();
    EXPECT_EQ(text, R"({"a":1,"b":["x",{},true],"c":null,"d":{"e":1.5}})");
}

TEST(Writer, writes_texts_that_are_read_back_as_they_were) {
    std::string nasty = "\"\\/\b\f\n\r\t\x01\x1f ü€😀";
    nasty += '\0';
    std::string text;
    Writer out(text);
    out.value(nasty);
    const auto back = parse(text);
    ASSERT_TRUE(back);
    EXPECT_EQ(std::string_view(back->as_string()), nasty);
}

TEST(Writer, writes_reals_as_reals_and_never_infinity) {
    std::string text;
    Writer out(text);
    out.begin_array().value(1.0).value(0.25).value(1e300).value(std::numeric_limits<double>::infinity());
    out.value(std::numeric_limits<double>::quiet_NaN()).value(std::optional<double>()).end_array();
    EXPECT_EQ(text, "[1.0,0.25,1e+300,null,null,null]");
}

TEST(Writer, writes_a_tree_the_way_a_caller_sent_it) {
    const std::string sent =
        R"({"a":1.0,"b":0.1,"c":12345.678,"d":18446744073709551615,"e":-7,"f":[null,true,"x",{}],"g":{"h":1.5}})";
    const auto tree = parse(sent);
    ASSERT_TRUE(tree);
    std::string text;
    Writer(text).value(*tree);
    EXPECT_EQ(text, sent);
}

TEST(Writer, takes_over_values_of_any_size) {
    boost::json::object object;
    object["long"] = std::string(100'000, 'x');
    object["list"] = {1, "two", nullptr};
    std::string text;
    Writer out(text);
    out.begin_object().field("o", object).field("v", boost::json::value(object)).end_object();
    const auto back = parse(text);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->at("o"), boost::json::value(object));
    EXPECT_EQ(back->at("v"), back->at("o"));
}

}  // namespace
}  // namespace genq::json
