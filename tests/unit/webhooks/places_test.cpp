#include "server/webhooks/places.hpp"

#include <gtest/gtest.h>

namespace genq::webhooks {
namespace {

using store::Room;

std::string dead(int n) {
    return "dead-" + std::to_string(n) + ".example/hook";
}

/// How many of so many hosts that never answered get a place, one try each.
int taken_by(Places& places, int hosts) {
    int taken = 0;
    for (int n = 0; n < hosts; ++n) taken += places.take(dead(n)) == Room::taken ? 1 : 0;
    return taken;
}

void hear(Places& places, const std::string& receiver, bool answered) {
    ASSERT_EQ(places.take(receiver), Room::taken);
    places.give_back(receiver, answered);
}

TEST(Places, has_two_for_a_receiver_and_eight_for_a_host_that_answers) {
    Places places;
    hear(places, "a.example/1", true);
    EXPECT_EQ(places.take("a.example/1"), Room::taken);
    EXPECT_EQ(places.take("a.example/1"), Room::taken);
    EXPECT_EQ(places.take("a.example/1"), Room::none_for_it);
    for (int n = 2; n <= 7; ++n) EXPECT_EQ(places.take("a.example/" + std::to_string(n)), Room::taken);
    EXPECT_EQ(places.take("a.example/8"), Room::none_for_its_host);
    EXPECT_EQ(places.take("b.example/1"), Room::taken);
    places.give_back("a.example/1", true);
    EXPECT_EQ(places.take("a.example/8"), Room::taken);
    EXPECT_EQ(places.free(), 247);
}

TEST(Places, has_fewer_for_a_host_until_it_answers) {
    Places places;
    for (int n = 1; n <= 4; ++n) EXPECT_EQ(places.take("a.example/" + std::to_string(n)), Room::taken);
    EXPECT_EQ(places.take("a.example/5"), Room::none_for_its_host);
    for (int n = 1; n <= 3; ++n) places.give_back("a.example/" + std::to_string(n), false);
    EXPECT_EQ(places.take("a.example/1"), Room::taken);
    EXPECT_EQ(places.take("a.example/5"), Room::none_for_its_host);
    places.give_back("a.example/4", true);
    EXPECT_EQ(places.take("a.example/1"), Room::none_for_it) << "this one was silent";
    EXPECT_EQ(places.take("a.example/5"), Room::taken);
    EXPECT_EQ(places.take("a.example/5"), Room::taken);
}

TEST(Places, of_a_host_are_there_for_a_receiver_beside_one_that_hangs) {
    Places places;
    hear(places, "shared.example/fine", true);
    EXPECT_EQ(places.take("shared.example/hang"), Room::taken);
    EXPECT_EQ(places.take("shared.example/hang"), Room::taken);
    EXPECT_EQ(places.take("shared.example/fine"), Room::taken);
    places.give_back("shared.example/hang", false);
    EXPECT_EQ(places.take("shared.example/hang"), Room::none_for_it);
    EXPECT_EQ(places.take("shared.example/fine"), Room::taken);
}

TEST(Places, keeps_some_for_those_that_answer_and_for_those_that_are_new) {
    Places places;
    hear(places, "live.example/hook", true);
    EXPECT_EQ(taken_by(places, 1'000), 192) << "nobody has heard of them";
    EXPECT_EQ(places.take("live.example/hook"), Room::taken);
    EXPECT_EQ(places.take("new.example/hook"), Room::none_for_its_host);
    for (int n = 0; n < 192; ++n) places.give_back(dead(n), false);
    EXPECT_EQ(taken_by(places, 192), 64) << "they are known to be silent";
    EXPECT_EQ(places.take("new.example/hook"), Room::taken);
    EXPECT_EQ(places.take("live.example/hook"), Room::taken);
}

TEST(Places, takes_a_host_for_dead_that_answered_once_and_is_silent_for_long) {
    Places places;
    hear(places, "a.example/1", true);
    for (int n = 0; n < 7; ++n) hear(places, "a.example/" + std::to_string(n), false);
    for (int n = 10; n < 13; ++n) EXPECT_EQ(places.take("a.example/" + std::to_string(n)), Room::taken);
    places.give_back("a.example/10", false);
    EXPECT_EQ(places.take("a.example/14"), Room::none_for_its_host);
}

TEST(Places, counts_a_hosts_other_try_where_the_host_stands_now) {
    Places places;
    ASSERT_EQ(places.take(dead(0)), Room::taken);
    ASSERT_EQ(places.take(dead(0)), Room::taken);
    places.give_back(dead(0), false);
    for (int n = 1; n < 100; ++n) hear(places, dead(n), false);
    EXPECT_EQ(taken_by(places, 100), 63) << "one is under way still";
    places.give_back(dead(0), true);
    EXPECT_EQ(taken_by(places, 100), 2) << "its place is free, and it may have others";
}

TEST(Places, forgets_hosts_before_there_are_too_many) {
    Places places;
    ASSERT_EQ(places.take("under-way.example/hook"), Room::taken);
    for (int n = 0; n < 20'000; ++n) hear(places, dead(n), false);
    places.give_back("under-way.example/hook", true);
    EXPECT_EQ(places.free(), 256);
}

}  // namespace
}  // namespace genq::webhooks
