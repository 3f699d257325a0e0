#include "common/core/random.hpp"

#include <gtest/gtest.h>

namespace genq {
namespace {

TEST(Random, stays_below_its_bound) {
    SeededRandom random(1);
    for (int i = 0; i < 1'000; ++i) EXPECT_LT(random.below(7), 7U);
    for (int i = 0; i < 1'000; ++i) {
        const double value = random.unit();
        EXPECT_GE(value, 0.0);
        EXPECT_LT(value, 1.0);
    }
}

TEST(Random, repeats_for_the_same_seed_only) {
    SeededRandom a(5);
    SeededRandom b(5);
    SeededRandom c(6);
    const std::string text = a.hex(16);
    EXPECT_EQ(text, b.hex(16));
    EXPECT_NE(text, c.hex(16));
    EXPECT_EQ(text.size(), 32U);
    SystemRandom system;
    EXPECT_NE(system.hex(16), system.hex(16));
}

}  // namespace
}  // namespace genq
