#include "common/core/ulid.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/fake_clock.hpp"

namespace genq {
namespace {

TEST(Ulid, text_and_value_are_the_same_thing) {
    test::FakeClock clock;
    SeededRandom random(7);
    UlidSource source(clock, random);
    for (int i = 0; i < 100; ++i) {
        const Ulid made = source.next();
        Ulid read;
        ASSERT_TRUE(Ulid::parse(made.text(), read));
        EXPECT_EQ(read, made);
        EXPECT_EQ(made.text().size(), 26U);
    }
}

TEST(Ulid, rises_within_a_millisecond_and_when_the_wall_clock_steps_back) {
    test::FakeClock clock;
    SeededRandom random(7);
    UlidSource source(clock, random);
    Ulid last = source.next();
    for (int i = 0; i < 10'000; ++i) {
        if (i == 5'000) clock.step_wall(std::chrono::hours(-1));
        const Ulid next = source.next();
        EXPECT_GT(next.order(), last.order());
        EXPECT_GT(next.text(), last.text());
        last = next;
    }
}

TEST(Ulid, begins_after_the_newest_that_is_stored) {
    test::FakeClock clock;
    SeededRandom random(7);
    const std::int64_t newest = UlidSource(clock, random).next().order() + (1LL << 40);
    EXPECT_GT(UlidSource(clock, random, newest).next().order(), newest);
}

TEST(Ulid, carries_the_time_of_its_making) {
    test::FakeClock clock;
    SeededRandom random(7);
    const Ulid made = UlidSource(clock, random).next();
    EXPECT_EQ(static_cast<std::int64_t>(made.high >> 16U), clock.wall_now().time_since_epoch().count());
}

TEST(Ulid, refuses_what_is_no_ulid) {
    Ulid out;
    for (const char* text :
         {"", "01ARZ3NDEKTSV4RRFFQ69G5FA", "01ARZ3NDEKTSV4RRFFQ69G5FAVV", "81ARZ3NDEKTSV4RRFFQ69G5FAV",
          "01ARZ3NDEKTSV4RRFFQ69G5FIL", "01ARZ3NDEKTSV4RRFFQ69G5F V", "../../../../../../etc/pwd"}) {
        EXPECT_FALSE(Ulid::parse(text, out)) << text;
    }
    EXPECT_TRUE(Ulid::parse("01arz3ndektsv4rrffq69g5fav", out));
}

}  // namespace
}  // namespace genq
