#include "server/webhooks/places.hpp"

#include <gtest/gtest.h>

namespace genq::webhooks {
namespace {

std::string dead(int n) {
    return "dead-" + std::to_string(n) + ".example";
}

/// How many of so many hosts that never answered get a place, one try each.
int taken_by(Places& places, int hosts) {
    int taken = 0;
    for (int n = 0; n < hosts; ++n) taken += places.take(dead(n)) ? 1 : 0;
    return taken;
}

TEST(Places, has_two_for_a_host) {
    Places places;
    EXPECT_TRUE(places.take("a.example"));
    EXPECT_TRUE(places.take("a.example"));
    EXPECT_FALSE(places.take("a.example"));
    places.give_back("a.example", true);
    EXPECT_TRUE(places.take("a.example"));
    EXPECT_EQ(places.free(), 254);
}

TEST(Places, has_one_for_a_host_that_was_silent_until_it_answers) {
    Places places;
    ASSERT_TRUE(places.take("a.example"));
    places.give_back("a.example", false);
    EXPECT_TRUE(places.take("a.example"));
    EXPECT_FALSE(places.take("a.example"));
    places.give_back("a.example", true);
    EXPECT_TRUE(places.take("a.example"));
    EXPECT_TRUE(places.take("a.example"));
}

TEST(Places, keeps_some_for_those_that_answer_and_for_those_that_are_new) {
    Places places;
    ASSERT_TRUE(places.take("live.example"));
    places.give_back("live.example", true);
    EXPECT_EQ(taken_by(places, 1'000), 192) << "nobody has heard of them";
    EXPECT_TRUE(places.take("live.example"));
    EXPECT_FALSE(places.take("new.example"));
    for (int n = 0; n < 192; ++n) places.give_back(dead(n), false);
    EXPECT_EQ(taken_by(places, 192), 64) << "they are known to be silent";
    EXPECT_TRUE(places.take("new.example"));
    EXPECT_TRUE(places.take("live.example"));
}

TEST(Places, counts_a_hosts_other_try_where_the_host_stands_now) {
    Places places;
    ASSERT_TRUE(places.take(dead(0)));
    ASSERT_TRUE(places.take(dead(0)));
    places.give_back(dead(0), false);
    for (int n = 1; n < 100; ++n) {
        ASSERT_TRUE(places.take(dead(n)));
        places.give_back(dead(n), false);
    }
    EXPECT_EQ(taken_by(places, 100), 63) << "one is under way still";
    places.give_back(dead(0), true);
    EXPECT_EQ(taken_by(places, 100), 2) << "its place is free, and it may have others";
}

TEST(Places, forgets_hosts_before_there_are_too_many) {
    Places places;
    ASSERT_TRUE(places.take("under-way.example"));
    for (int n = 0; n < 20'000; ++n) {
        ASSERT_TRUE(places.take(dead(n)));
        places.give_back(dead(n), false);
    }
    places.give_back("under-way.example", true);
    EXPECT_EQ(places.free(), 256);
}

}  // namespace
}  // namespace genq::webhooks
