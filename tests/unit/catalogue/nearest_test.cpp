#include "server/catalogue/nearest.hpp"

#include <gtest/gtest.h>

namespace genq::catalogue {
namespace {

TEST(EditDistance, counts_insertions_deletions_and_replacements) {
    EXPECT_EQ(edit_distance("", ""), 0U);
    EXPECT_EQ(edit_distance("abc", ""), 3U);
    EXPECT_EQ(edit_distance("", "abc"), 3U);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
    EXPECT_EQ(edit_distance("VEO3", "veo3"), 0U);
}

TEST(DistanceToId, lets_people_leave_the_maker_out) {
    EXPECT_EQ(distance_to_id("imagen4", "google/imagen4"), 1U);
    EXPECT_EQ(distance_to_id("google/imagen4", "google/imagen4"), 0U);
}

}  // namespace
}  // namespace genq::catalogue
