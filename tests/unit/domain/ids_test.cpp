#include "server/domain/ids.hpp"

#include <gtest/gtest.h>

#include "server/domain/family.hpp"

namespace genq {
namespace {

TEST(JobId, comes_back_from_its_text) {
    const auto id = JobId::parse("01JDQ4Z3M0000000000000000A");
    ASSERT_TRUE(id);
    EXPECT_EQ(id->text(), "01JDQ4Z3M0000000000000000A");
    EXPECT_GT(id->row(), 0);
}

TEST(JobId, is_not_made_of_anything_else) {
    EXPECT_FALSE(JobId::parse(""));
    EXPECT_FALSE(JobId::parse("01JDQ4Z3M0000000000000000"));
    EXPECT_FALSE(JobId::parse("../../../../../etc/passwd!"));
}

TEST(Digest, takes_64_lower_case_hex_digits_only) {
    const std::string hex(64, 'a');
    ASSERT_TRUE(Digest::parse(hex));
    EXPECT_EQ(Digest::parse(hex)->hex(), hex);
    EXPECT_FALSE(Digest::parse(std::string(64, 'A')));
    EXPECT_FALSE(Digest::parse(std::string(63, 'a')));
    EXPECT_FALSE(Digest::parse(std::string(62, 'a') + "/."));
}

TEST(Family, comes_back_from_its_name) {
    for (const auto family : all_families) EXPECT_EQ(family_from(to_string(family)), family);
    EXPECT_EQ(family_from("mj"), std::nullopt);
}

TEST(PollProfile, comes_back_from_its_name) {
    for (const auto profile : {PollProfile::image, PollProfile::video, PollProfile::audio, PollProfile::midjourney}) {
        EXPECT_EQ(poll_profile_from(to_string(profile)), profile);
    }
    EXPECT_EQ(poll_profile_from("music"), std::nullopt);
}

}  // namespace
}  // namespace genq
