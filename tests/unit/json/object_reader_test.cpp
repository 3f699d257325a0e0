#include "common/json/object_reader.hpp"

#include <gtest/gtest.h>

#include "common/json/parse.hpp"

namespace genq::json {
namespace {

struct Read {
    explicit Read(std::string_view text) : value(*parse(text)), reader(value.as_object(), "/at", faults) {}
    boost::json::value value;
    std::vector<Fault> faults;
    ObjectReader reader;
};

TEST(ObjectReader, reads_members_of_each_type) {
    Read read(R"({"t":"x","b":true,"i":3,"r":3.0,"n":1.5,"o":{},"w":"2026-11-22T19:00:00Z"})");
    EXPECT_EQ(read.reader.text("t"), "x");
    EXPECT_EQ(read.reader.flag("b"), true);
    EXPECT_EQ(read.reader.integer("i", 0, 5), 3);
    EXPECT_EQ(read.reader.integer("r", 0, 5), 3);
    EXPECT_EQ(read.reader.number("n"), 1.5);
    EXPECT_NE(read.reader.object("o"), nullptr);
    EXPECT_TRUE(read.reader.time("w"));
    EXPECT_TRUE(read.faults.empty());
}

TEST(ObjectReader, gives_nothing_and_no_fault_for_what_is_absent) {
    Read read("{}");
    EXPECT_FALSE(read.reader.text("a"));
    EXPECT_FALSE(read.reader.integer("a", 0, 1));
    EXPECT_EQ(read.reader.object("a"), nullptr);
    EXPECT_FALSE(read.reader.time("a"));
    EXPECT_TRUE(read.faults.empty());
    EXPECT_FALSE(read.reader.require("a"));
    EXPECT_EQ(read.faults.at(0), (Fault{"/at/a", "is required"}));
}

TEST(ObjectReader, gathers_a_fault_for_each_wrong_member) {
    Read read(R"({"t":1,"b":"x","i":1.5,"j":7,"k":1e300,"l":18446744073709551615,"n":"1","o":[],"w":"soon","x":null})");
    EXPECT_FALSE(read.reader.text("t"));
    EXPECT_FALSE(read.reader.flag("b"));
    EXPECT_FALSE(read.reader.integer("i", 0, 5));
    EXPECT_FALSE(read.reader.integer("j", 0, 5));
    EXPECT_FALSE(read.reader.integer("k", 0, 5));
    EXPECT_FALSE(read.reader.integer("l", 0, 5));
    EXPECT_FALSE(read.reader.number("n"));
    EXPECT_EQ(read.reader.object("o"), nullptr);
    EXPECT_FALSE(read.reader.time("w"));
    EXPECT_FALSE(read.reader.text("x"));
    EXPECT_FALSE(read.reader.time("x"));  // null counts as absent for a time
    std::vector<std::string> pointers;
    for (const auto& fault : read.faults) pointers.push_back(fault.pointer);
    EXPECT_EQ(pointers, (std::vector<std::string>{"/at/t", "/at/b", "/at/i", "/at/j", "/at/k", "/at/l", "/at/n",
                                                  "/at/o", "/at/w", "/at/x"}));
}

TEST(ObjectReader, refuses_members_that_nobody_knows) {
    Read read(R"({"a":1,"b/c":2})");
    read.reader.refuse_others({"a"});
    ASSERT_EQ(read.faults.size(), 1U);
    EXPECT_EQ(read.faults[0].pointer, "/at/b~1c");
}

}  // namespace
}  // namespace genq::json
