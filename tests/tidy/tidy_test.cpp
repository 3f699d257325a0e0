#include <gtest/gtest.h>

#include <ostream>
#include <set>
#include <string>

#include "tests/tidy/rules.hpp"
#include "tests/tidy/source.hpp"

namespace genq::tidy {

void PrintTo(const Rule& rule, std::ostream* out) {
    *out << rule.name;
}

namespace {

class Tidy : public testing::TestWithParam<Rule> {};

std::vector<Finding> findings_in(const char* text) {
    std::vector<Finding> findings;
    Tidy::GetParam().check(make_source(Tidy::GetParam().path, text), findings);
    return findings;
}

TEST_P(Tidy, finds_its_bad_example) {
    EXPECT_FALSE(findings_in(GetParam().bad).empty());
}

TEST_P(Tidy, passes_its_good_example) {
    for (const auto& finding : findings_in(GetParam().good)) ADD_FAILURE() << finding.what;
}

INSTANTIATE_TEST_SUITE_P(Rules, Tidy, testing::ValuesIn(rules().begin(), rules().end()),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Tree, keeps_every_rule) {
    const auto tree = read_tree(GENQ_SOURCE_DIR);
    ASSERT_GT(tree.size(), 10U) << "the tree was not found";
    std::set<std::string> findings;  // rules that share a check would say it twice
    for (const auto& rule : rules()) {
        std::vector<Finding> found;
        for (const auto& source : tree) rule.check(source, found);
        for (const auto& finding : found) {
            findings.insert(finding.path + ":" + std::to_string(finding.line) + ": " + finding.what);
        }
    }
    for (const auto& finding : findings) ADD_FAILURE() << finding;
}

TEST(Source, blanks_comments_and_literals_and_keeps_the_lines) {
    const auto source =
        make_source("a.cpp", "int a = 1'000;  // detached\nauto s = \"a\\\"b\"; /* x\ny */ f('\\'', R\"(\")\");\n");
    EXPECT_EQ(source.code, "int a = 1'000;             \nauto s =       ;     \n     f(    ,       );\n");
    EXPECT_EQ(source.line_of(source.code.find("f(")), 3);
    EXPECT_EQ(source.lines.size(), 3U);
}

}  // namespace
}  // namespace genq::tidy
