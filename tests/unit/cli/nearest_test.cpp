#include "server/cli/nearest.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace genq::cli {
namespace {

TEST(Nearest, finds_what_was_probably_meant) {
    const std::vector<std::string> known{"submit", "status", "list", "wait", "watch", "get"};
    EXPECT_EQ(nearest("sbmit", known), "submit");    // left out
    EXPECT_EQ(nearest("submitt", known), "submit");  // one too many
    EXPECT_EQ(nearest("lsit", known), "list");       // swapped
    EXPECT_EQ(nearest("stabus", known), "status");   // replaced
    EXPECT_EQ(nearest("wacth", known), "watch");
}

TEST(Nearest, does_not_guess_wildly) {
    const std::vector<std::string> known{"submit", "get", "list"};
    EXPECT_EQ(nearest("frobnicate", known), "");
    EXPECT_EQ(nearest("gxx", known), "");  // two of three letters
    EXPECT_EQ(nearest("", known), "");
    EXPECT_EQ(nearest("submit", {}), "");
}

}  // namespace
}  // namespace genq::cli
