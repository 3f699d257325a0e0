#include "server/domain/reference.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace genq {
namespace {

const std::string id = "01M83S36BY0VQ36VXWAYVEK80V";
const std::string digest(64, 'a');

TEST(Reference, says_what_it_stands_for) {
    const auto blob = parse_reference("genqd:blob/" + digest);
    ASSERT_TRUE(blob && *blob);
    EXPECT_EQ((*blob)->kind, Reference::Kind::blob);
    EXPECT_EQ((*blob)->digest.hex(), digest);
    const auto output = parse_reference("genqd:job/" + id + "/outputs/12");
    ASSERT_TRUE(output && *output);
    EXPECT_EQ((*output)->kind, Reference::Kind::output);
    EXPECT_EQ((*output)->job.text(), id);
    EXPECT_EQ((*output)->index, 12);
    EXPECT_TRUE((*output)->is_file());
    const auto task = parse_reference("genqd:job/" + id + "/task");
    ASSERT_TRUE(task && *task);
    EXPECT_EQ((*task)->kind, Reference::Kind::task);
    EXPECT_FALSE((*task)->is_file());
    const auto track = parse_reference("genqd:job/" + id + "/tracks/0");
    ASSERT_TRUE(track && *track);
    EXPECT_EQ((*track)->kind, Reference::Kind::track);
}

TEST(Reference, is_no_other_text) {
    for (const std::string text : {"", "genqd", "a genqd:blob/", "https://example.com/genqd:job/", "GENQD:blob/x"}) {
        const auto parsed = parse_reference(text);
        ASSERT_TRUE(parsed) << text;
        EXPECT_FALSE(*parsed) << text;
    }
}

TEST(Reference, is_a_fault_when_it_only_looks_like_one) {
    const std::string job = "genqd:job/" + id;
    for (const std::string& text :
         {std::string("genqd:"), std::string("genqd:blob/"), "genqd:blob/" + digest.substr(1),
          "genqd:blob/" + digest + "0", "genqd:blob/" + std::string(64, 'A'), job, job + "/", job + "/outputs/",
          job + "/outputs/-1", job + "/outputs/01", job + "/outputs/1 ", job + "/outputs/99999", job + "/tracks",
          job + "/tasks", std::string("genqd:job/x/task"), std::string("genqd:file/x")}) {
        const auto parsed = parse_reference(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code, errc::invalid_argument);
    }
}

TEST(Reference, is_found_and_replaced_at_any_depth) {
    auto input = boost::json::parse(R"({"a":"genqd:blob/)" + digest + R"(","b":[1,{"c/d":"genqd:job/)" + id +
                                    R"(/task"}],"e":"text","f":"genqd:what"})");
    std::vector<json::Fault> faults;
    const auto found = find_references(input, "/input", faults);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].pointer, "/input/a");
    EXPECT_EQ(found[1].pointer, "/input/b/1/c~1d");
    ASSERT_EQ(faults.size(), 1U);
    EXPECT_EQ(faults[0].pointer, "/input/f");
    int calls = 0;
    replace_references(input, [&calls](const Reference&) { return "r" + std::to_string(++calls); });
    EXPECT_EQ(boost::json::serialize(input), R"({"a":"r1","b":[1,{"c/d":"r2"}],"e":"text","f":"genqd:what"})");
}

}  // namespace
}  // namespace genq
