#include "server/catalogue/schema.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace genq::catalogue {
namespace {

namespace bj = boost::json;

std::shared_ptr<const InputSchema> schema_of(std::string_view properties, std::string_view more = "") {
    const auto text = R"({"type":"object","properties":{)" + std::string(properties) + "}" + std::string(more) + "}";
    auto compiled = InputSchema::compile(bj::parse(text).as_object());
    EXPECT_TRUE(compiled) << (compiled ? "" : compiled.error().detail);
    return compiled.value_or(nullptr);
}

std::string told(const std::vector<json::Fault>& faults) {
    std::string text;
    for (const auto& fault : faults) text += (text.empty() ? "" : "; ") + fault.pointer + " " + fault.detail;
    return text;
}

std::string errors(const InputSchema& schema, std::string_view input) {
    const auto found = schema.check(bj::parse(bj::string_view(input)).as_object());
    EXPECT_EQ(told(found.warnings), "");
    return told(found.errors);
}

std::string warnings(const InputSchema& schema, std::string_view input) {
    const auto found = schema.check(bj::parse(bj::string_view(input)).as_object());
    EXPECT_EQ(told(found.errors), "");
    return told(found.warnings);
}

struct Row {
    std::string_view property;
    std::string_view bad;
    std::string_view sentence;
    std::string_view good;
};

TEST(InputSchema, says_of_each_limit_what_it_is) {
    for (const auto& row : std::initializer_list<Row>{
             {R"("type":"string","maxLength":3)", R"("abcd")", "must be at most 3 characters long", R"("äöü")"},
             {R"("type":"string","minLength":2)", R"("a")", "must be at least 2 characters long", R"("ab")"},
             {R"("type":"integer","minimum":5)", "4", "must be at least 5", "5"},
             {R"("type":"integer","maximum":100)", "101", "must be at most 100", "100"},
             {R"("type":"number","maximum":0.5)", "0.75", "must be at most 0.5", "0.5"},
             {R"("type":"number","minimum":-10)", "-11", "must be at least -10", "-10"},
             {R"("type":"integer","multipleOf":50)", "75", "must be a multiple of 50", "100"},
             {R"("type":"array","maxItems":1)", "[1,2]", "must have at most 1 elements", "[1]"},
             {R"("type":"array","minItems":1)", "[]", "must have at least 1 elements", "[1]"},
             {R"("type":"string")", "true", "must be a text", R"("x")"},
             {R"("type":"boolean")", R"("true")", "must be true or false", "true"},
             {R"("type":"integer")", "1.5", "must be a whole number", "1.0"},
             {R"("type":["array","object"])", "null", "must be a list or an object", "{}"},
         }) {
        const auto schema = schema_of(R"("a":{)" + std::string(row.property) + "}");
        EXPECT_EQ(errors(*schema, R"({"a":)" + std::string(row.bad) + "}"), "/input/a " + std::string(row.sentence));
        EXPECT_EQ(errors(*schema, R"({"a":)" + std::string(row.good) + "}"), "") << row.property;
    }
}

TEST(InputSchema, names_every_fault_by_its_pointer) {
    const auto schema = schema_of(
        R"("n":{"type":"integer","maximum":1},"list":{"type":"array","items":{"type":"object","required":["b/c"],
           "properties":{"s":{"type":"string","maxLength":1}}}})",
        R"(,"required":["prompt","n"])");
    EXPECT_EQ(errors(*schema, R"({"n":2,"list":[{"b/c":1},{"s":"xx"}]})"),
              "/input/list/1/b~1c is missing; /input/list/1/s must be at most 1 characters long; "
              "/input/n must be at most 1; /input/prompt is missing");
}

TEST(InputSchema, warns_of_unknown_fields_and_values_outside_a_list) {
    const auto schema = schema_of(R"("r":{"type":"string","enum":["1:1","16:9"]},"m":{"const":"V5"})",
                                  R"(,"additionalProperties":false)");
    EXPECT_EQ(warnings(*schema, R"({"r":"2:1","m":"V6","y":1,"x":2})"),
              "/input/m must be V5; /input/r must be one of 1:1, 16:9; /input/x is not a documented field; "
              "/input/y is not a documented field");
}

TEST(InputSchema, takes_numeric_text_for_a_number_and_the_reverse) {
    const auto schema = schema_of(R"("n":{"type":"integer","maximum":9},"f":{"type":"number"},
        "t":{"type":"string","enum":["5","10"]})");
    EXPECT_EQ(errors(*schema, R"({"n":"7","f":"0.5","t":5})"), "");
    EXPECT_EQ(errors(*schema, R"({"n":"10"})"), "/input/n must be at most 9");
    EXPECT_EQ(errors(*schema, R"({"n":"7x"})"), "/input/n must be a whole number");
    EXPECT_EQ(warnings(*schema, R"({"t":6})"), "/input/t must be one of 5, 10");
}

TEST(InputSchema, lets_references_stand_for_any_text) {
    const auto schema = schema_of(R"("url":{"type":"string","maxLength":5},"e":{"type":"string","enum":["a"]},
        "n":{"type":"integer"},"urls":{"type":"array","items":{"type":"string","maxLength":5}})");
    EXPECT_EQ(errors(*schema, R"({"url":"genqd:blob/0123456789","e":"genqd:ref/a/task_id",
                                  "urls":["genqd:job/01/outputs/0"]})"),
              "");
    EXPECT_EQ(errors(*schema, R"({"urls":["genqd:other"]})"), "/input/urls/0 must be at most 5 characters long");
    EXPECT_EQ(errors(*schema, R"({"n":"genqd:blob/1"})"), "/input/n must be a whole number");
}

TEST(InputSchema, says_which_members_would_do) {
    const auto any = schema_of("", R"(,"anyOf":[{"required":["a"]},{"required":["b"]}])");
    EXPECT_EQ(errors(*any, "{}"), "/input must have one of a, b");
    EXPECT_EQ(errors(*any, R"({"a":1,"b":1})"), "");
    const auto one = schema_of("", R"(,"oneOf":[{"required":["a"]},{"required":["b"]}])");
    EXPECT_EQ(errors(*one, R"({"a":1,"b":1})"), "/input must have one of a, b");
    const auto inner = schema_of(R"("p":{"anyOf":[{"type":"string"},{"type":"array"}]})");
    EXPECT_EQ(errors(*inner, R"({"p":1})"), "/input/p fits none of the forms that it may have");
}

TEST(InputSchema, follows_conditions) {
    const auto schema = schema_of(R"("custom":{"type":"boolean"},"d":{"type":"integer"})",
                                  R"(,"if":{"properties":{"custom":{"const":true}},"required":["custom"]},
        "then":{"required":["style"]},"else":{"properties":{"d":{"maximum":5}}})");
    EXPECT_EQ(errors(*schema, R"({"custom":true})"), "/input/style is missing");
    EXPECT_EQ(errors(*schema, R"({"custom":true,"style":"x","d":7})"), "");
    EXPECT_EQ(errors(*schema, R"({"d":7})"), "/input/d must be at most 5");
}

TEST(InputSchema, refuses_a_bad_schema_with_the_place) {
    const auto fault = [](std::string_view text) {
        const auto compiled = InputSchema::compile(bj::parse(bj::string_view(text)).as_object());
        return compiled ? "" : compiled.error().detail;
    };
    EXPECT_EQ(fault("{}"), "/type: must be object");
    EXPECT_EQ(fault(R"({"type":"object","$ref":"#"})"), "/$ref: is no keyword that is known here");
    EXPECT_EQ(fault(R"({"type":"object","properties":{"a":{"type":"text"}}})"),
              "/properties/a/type: must be a JSON type or a list of them");
    EXPECT_EQ(fault(R"({"type":"object","properties":{"a":1}})"), "/properties/a: must be a schema");
    EXPECT_EQ(fault(R"({"type":"object","allOf":[{"required":[]}]})"), "/allOf/0/required: must be a list of names");
    EXPECT_TRUE(
        fault(R"({"type":"object","properties":{"a":{"pattern":"(a*)*"}}})").starts_with("/properties/a/pattern"));
    for (const std::string_view keyword :
         {R"("maxLength":-1)", R"("minimum":"1")", R"("multipleOf":0)", R"("enum":[])", R"("additionalProperties":{})",
          R"("x-genqd-file":1)", R"("x-genqd-file":{"media":"image/png"})", R"("x-genqd-file":{"bytes":1})",
          R"("x-genqd-names":"file")", R"("x-genqd-total":{"member":"text"})", R"("title":1)", R"("anyOf":[])",
          R"("properties":[])", R"("items":[])"}) {
        EXPECT_NE(fault(R"({"type":"object",)" + std::string(keyword) + "}"), "") << keyword;
    }
}

TEST(InputSchema, says_which_files_a_place_takes) {
    const auto schema = schema_of(
        R"("image":{"type":"string","x-genqd-file":{"media":["image/png","image/jpeg"],"max_bytes":100}},
           "list":{"type":"array","items":{"type":"object","properties":
               {"a/b":{"type":"array","items":{"type":"string","x-genqd-file":{"media":["audio/mp4"]}}}}}},
           "any":{"type":"string"})");
    EXPECT_EQ(schema->file_fault("/input/image", "image/png", 100), "");
    EXPECT_EQ(schema->file_fault("/input/image", "image/png", 101),
              "is a file of 101 bytes, and must not have more than 100");
    EXPECT_EQ(schema->file_fault("/input/image", "video/mp4", 1),
              "is a file of video/mp4, and must be of image/png, image/jpeg");
    EXPECT_EQ(schema->file_fault("/input/image", "application/octet-stream", 1), "") << "who knows";
    EXPECT_NE(schema->file_fault("/input/list/3/a~1b/0", "image/png", 1), "");
    EXPECT_EQ(schema->file_fault("/input/list/3/a~1b/0", "video/mp4", 1), "") << "may be sound alone";
    for (const auto* pointer : {"/input/any", "/input/other/0/x", "/input", "", "/input/list/0"}) {
        EXPECT_EQ(schema->file_fault(pointer, "text/plain", 1U << 30U), "") << pointer;
    }
}

TEST(InputSchema, counts_a_member_over_a_whole_list) {
    const auto schema = schema_of(R"("lines":{"type":"array","x-genqd-total":{"member":"text","maxLength":5},
        "items":{"type":"object","properties":{"text":{"type":"string"}}}})");
    EXPECT_EQ(errors(*schema, R"({"lines":[{"text":"äöü"},{"text":"ab"},{}]})"), "");
    EXPECT_EQ(errors(*schema, R"({"lines":[{"text":"äöü"},{"text":"abc"}]})"),
              "/input/lines must have at most 5 characters of text over all");
}

TEST(InputSchema, writes_numbers_as_people_do) {
    const auto schema = schema_of(R"("stability":{"type":"number","enum":[0,0.5,1]})");
    EXPECT_EQ(warnings(*schema, R"({"stability":0.7})"), "/input/stability must be one of 0, 0.5, 1");
}

TEST(InputSchema, says_beside_which_value_another_is_none) {
    const auto schema =
        schema_of(R"("duration":{"type":"integer"},"quality":{"type":"string","enum":["720p","1080p"]})",
                  R"(,"allOf":[{"if":{"properties":{"duration":{"const":10}},"required":["duration"]},
             "then":{"properties":{"quality":{"enum":["720p"]}}}}])");
    EXPECT_EQ(warnings(*schema, R"({"duration":5,"quality":"1080p"})"), "");
    EXPECT_EQ(warnings(*schema, R"({"duration":10,"quality":"1080p"})"),
              "/input/quality must be 720p with duration 10");
    EXPECT_EQ(warnings(*schema, R"({"duration":5,"quality":"4k"})"), "/input/quality must be one of 720p, 1080p");
}

TEST(InputSchema, says_which_kind_of_reference_a_place_takes) {
    using Kind = Reference::Kind;
    const auto schema = schema_of(
        R"("images":{"type":"array","items":{"type":"string","x-genqd-file":{}}},
           "task":{"type":"string","x-genqd-names":"task"},"track":{"type":"string","x-genqd-names":"track"},
           "prompt":{"type":"string"})");
    struct Row {
        std::string_view pointer;
        std::vector<Kind> taken;
    };
    for (const auto& [pointer, taken] : {Row{"/input/images/0", {Kind::blob, Kind::output}},
                                         Row{"/input/task", {Kind::task}}, Row{"/input/track", {Kind::track}},
                                         Row{"/input/prompt", {Kind::blob, Kind::output, Kind::task, Kind::track}}}) {
        for (const Kind kind : {Kind::blob, Kind::output, Kind::task, Kind::track}) {
            const bool takes = std::ranges::find(taken, kind) != taken.end();
            EXPECT_EQ(schema->reference_fault(pointer, kind).empty(), takes) << pointer << static_cast<int>(kind);
        }
    }
    EXPECT_EQ(schema->reference_fault("/input/task", Kind::output), "takes the id of a task: genqd:job/<id>/task");
}

TEST(InputSchema, checks_a_long_text_in_linear_time) {
    const auto schema = schema_of(R"("p":{"type":"string","maxLength":5000})");
    EXPECT_EQ(told(schema->check({{"p", std::string(1U << 20U, 'a')}}).errors),
              "/input/p must be at most 5000 characters long");
}

}  // namespace
}  // namespace genq::catalogue
