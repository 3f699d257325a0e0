#include "server/cli/dotenv.hpp"

#include <gtest/gtest.h>

namespace genq::cli {
namespace {

TEST(Dotenv, adds_what_is_not_set) {
    app::Environment environment{{"SET", "before"}};
    add_dotenv("# a comment\n\nSET=after\nA=1\nexport B = \"two words\"\r\nC='#x'\nD=a=b\nno line\n=x\nE=",
               environment);
    const app::Environment expected{{"SET", "before"}, {"A", "1"},   {"B", "two words"},
                                    {"C", "#x"},       {"D", "a=b"}, {"E", ""}};
    EXPECT_EQ(environment, expected);
}

}  // namespace
}  // namespace genq::cli
