#include "server/engine/hold_book.hpp"

#include <gtest/gtest.h>

#include "common/core/rfc3339.hpp"

namespace genq::engine {
namespace {

using namespace std::chrono_literals;
const SteadyTime first{1h};

store::Hold hold(QueueReason reason, std::string model = "") {
    store::Hold out;
    out.reason = reason;
    out.model = std::move(model);
    out.detail = "because";
    return out;
}

TEST(HoldBook, is_open_without_holds) {
    const HoldBook book;
    EXPECT_TRUE(book.gate(first, false).open);
    EXPECT_FALSE(book.gate(first, false).single);
}

TEST(HoldBook, names_the_first_reason_that_holds) {
    HoldBook book;
    book.set(hold(QueueReason::storage), first);
    book.set(hold(QueueReason::upstream_auth), first);
    EXPECT_FALSE(book.gate(first, false).open);
    EXPECT_EQ(book.gate(first, false).reason, QueueReason::upstream_auth);
    book.set(hold(QueueReason::paused), first);
    EXPECT_EQ(book.gate(first, false).reason, QueueReason::paused);
    book.clear(QueueReason::paused, "");
    book.clear(QueueReason::upstream_auth, "");
    EXPECT_EQ(book.gate(first, false).reason, QueueReason::storage);
}

TEST(HoldBook, one_models_pause_holds_back_that_model_alone) {
    HoldBook book;
    book.set(hold(QueueReason::paused, "veo3"), first);
    EXPECT_TRUE(book.gate(first, false).open);
    EXPECT_EQ(book.paused_models(), std::set<std::string>{"veo3"});
}

TEST(HoldBook, lets_one_create_probe_for_credits_after_its_interval) {
    HoldBook book;
    book.set(hold(QueueReason::credits), first, 5min);
    EXPECT_FALSE(book.gate(first + 4min, false).open);
    const auto gate = book.gate(first + 5min, false);
    EXPECT_TRUE(gate.open);
    EXPECT_TRUE(gate.single);
    book.probed(first + 5min);
    EXPECT_FALSE(book.gate(first + 5min, false).open);
    EXPECT_EQ(book.create_probe_at(), first + 10min);
}

TEST(HoldBook, a_probe_for_credits_does_not_pass_another_hold) {
    HoldBook book;
    book.set(hold(QueueReason::credits), first, 5min);
    book.set(hold(QueueReason::storage), first);
    EXPECT_FALSE(book.gate(first + 1h, false).open);
}

TEST(HoldBook, lets_single_creates_through_a_half_open_breaker_but_not_through_a_maintenance) {
    HoldBook book;
    book.set(hold(QueueReason::upstream_down), first);
    EXPECT_FALSE(book.gate(first, false).open);
    EXPECT_TRUE(book.gate(first, true).single);
    store::Hold maintenance = hold(QueueReason::upstream_down);
    maintenance.until = from_ms(5'000);
    book.set(maintenance, first);
    EXPECT_FALSE(book.gate(first, true).open);
}

TEST(HoldBook, knows_which_holds_are_over) {
    HoldBook book;
    store::Hold pause = hold(QueueReason::paused);
    pause.until = from_ms(5'000);
    book.set(pause, first);
    EXPECT_EQ(book.next_until(), from_ms(5'000));
    EXPECT_TRUE(book.over(from_ms(4'999)).empty());
    EXPECT_EQ(book.over(from_ms(5'000)).size(), 1U);
}

}  // namespace
}  // namespace genq::engine
