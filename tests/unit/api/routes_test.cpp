#include "server/api/routes.hpp"

#include <gtest/gtest.h>

namespace genq::api {
namespace {

using Segments = std::vector<std::string>;

TEST(Routes, capture_what_the_pattern_leaves_open) {
    const auto output = match_route("GET", Segments{"v1", "jobs", "01ABC", "outputs", "3"});
    ASSERT_NE(output.route, nullptr);
    EXPECT_EQ(output.route->pattern, "/v1/jobs/{id}/outputs/{n}");
    EXPECT_EQ(output.captures, (Segments{"01ABC", "3"}));
    EXPECT_EQ(match_route("HEAD", Segments{"v1", "models", "a", "b/c", "d"}).captures, Segments{"a/b/c/d"});
    ASSERT_NE(match_route("GET", Segments{}).route, nullptr);
    EXPECT_EQ(match_route("GET", Segments{}).pattern, "/");
}

TEST(Routes, know_nothing_of_other_paths) {
    for (const Segments& segments : {Segments{""}, Segments{"v1"}, Segments{"v1", "jobs", ""},
                                     Segments{"v1", "jobs", "x", "nothing"}, Segments{"V1", "jobs"}}) {
        const auto match = match_route("GET", segments);
        EXPECT_EQ(match.route, nullptr);
        EXPECT_TRUE(match.allow.empty());
        EXPECT_TRUE(match.pattern.empty());
    }
}

TEST(Routes, name_the_methods_of_a_path) {
    const auto match = match_route("PATCH", Segments{"v1", "jobs"});
    EXPECT_EQ(match.route, nullptr);
    EXPECT_EQ(match.allow, "POST, GET, HEAD");
    EXPECT_EQ(match.pattern, "/v1/jobs");
    EXPECT_EQ(match_route("GET", Segments{"v1", "jobs", "bulk"}).allow, "POST") << "it is no job's id";
}

}  // namespace
}  // namespace genq::api
