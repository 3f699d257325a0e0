#include "tests/unit/store/fixture.hpp"

namespace genq::store {
namespace {

using Turn = test::StoreTest;
using test::new_job;

TEST_F(Turn, lets_callers_take_turns_each_first_in_first_out) {
    const auto a1 = add(new_job("ann"));
    const auto a2 = add(new_job("ann"));
    const auto b1 = add(new_job("bob"));
    const auto c1 = add(new_job("cid"));
    const auto b2 = add(new_job("bob"));
    const std::vector<JobId> wanted{b1.id, c1.id, a1.id, b2.id, a2.id};
    std::string last = "ann";
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        for (std::size_t k = i; k < wanted.size(); ++k) {
            EXPECT_EQ(run(store->get_placed(wanted[k], last)).value().position, static_cast<int>(k - i))
                << i << " " << k;
        }
        const auto next = run(store->next_ready(last, {})).value();
        ASSERT_TRUE(next);
        EXPECT_EQ(next->id, wanted[i]) << i;
        last = next->caller;
        ASSERT_TRUE(run(store->record_intent({next->id, 1})));
    }
    EXPECT_EQ(run(store->next_ready(last, {})).value(), std::nullopt);
    EXPECT_EQ(run(store->get_placed(a1.id, last)).value().position, std::nullopt) << "it is not ready";
}

TEST_F(Turn, finds_the_cheapest_whatever_its_priority_and_caller) {
    const auto first = add(new_job("zoe", -100, "a"));
    const auto second = add(new_job("ann", 100, "b"));
    EXPECT_EQ(run(store->cheapest_ready({{}, {}, {}})).value()->id, first.id);
    EXPECT_EQ(run(store->cheapest_ready({{"a"}, {}, {}})).value()->id, second.id);
    EXPECT_EQ(run(store->cheapest_ready({{}, {first.id.row()}, {}})).value()->id, second.id);
    EXPECT_EQ(run(store->cheapest_ready({{"a"}, {second.id.row()}, {}})).value(), std::nullopt);
    EXPECT_EQ(run(store->cheapest_ready({{}, {}, {first.caller}})).value()->id, second.id);
}

TEST_F(Turn, serves_the_higher_priority_first) {
    const auto low = add(new_job("ann", -1));
    const auto normal = add(new_job("ann", 0));
    const auto high = add(new_job("bob", 100));
    const auto high2 = add(new_job("bob", 100));
    EXPECT_EQ(run(store->next_ready("", {})).value()->id, high.id);
    EXPECT_EQ(run(store->get_placed(high2.id, "bob")).value().position, 1);
    EXPECT_EQ(run(store->get_placed(normal.id, "")).value().position, 2);
    EXPECT_EQ(run(store->get_placed(low.id, "")).value().position, 3);
}

TEST_F(Turn, leaves_the_turn_where_the_higher_priority_left_it) {
    // The line is high (ann), then the turn is bob's, although it was bob who came last before.
    add(new_job("ann", 5));
    const auto ann = add(new_job("ann"));
    const auto bob = add(new_job("bob"));
    EXPECT_EQ(run(store->get_placed(bob.id, "bob")).value().position, 1);
    EXPECT_EQ(run(store->get_placed(ann.id, "bob")).value().position, 2);
}

TEST_F(Turn, passes_over_held_models_rows_taken_and_callers_that_have_their_fill) {
    const auto held = add(new_job("ann", 9, "paused/model"));
    const auto first = add(new_job("ann"));
    const auto second = add(new_job("ann"));
    EXPECT_EQ(run(store->next_ready("", {})).value()->id, held.id);
    EXPECT_EQ(run(store->next_ready("", {{"paused/model"}, {}, {}})).value()->id, first.id);
    EXPECT_EQ(run(store->next_ready("", {{}, {}, {held.caller, first.caller}})).value(), std::nullopt);
    EXPECT_EQ(run(store->next_ready("", {{"paused/model"}, {first.id.row()}, {}})).value()->id, second.id);
    EXPECT_EQ(run(store->next_ready("", {{"paused/model"}, {first.id.row(), second.id.row()}, {}})).value(),
              std::nullopt);
}

TEST_F(Turn, knows_no_position_past_a_thousand) {
    for (int i = 0; i < 1'000; ++i) add(new_job("ann"));
    const auto exact = add(new_job("ann"));
    const auto far = add(new_job("ann"));
    const auto behind = add(new_job("bob", -1));
    EXPECT_EQ(run(store->get_placed(exact.id, "")).value().position, 1'000);
    EXPECT_EQ(run(store->get_placed(far.id, "")).value().position, std::nullopt);
    EXPECT_EQ(run(store->get_placed(behind.id, "")).value().position, std::nullopt);
    EXPECT_EQ(run(store->with_step(Step::submit, 2'000)).value().size(), 1'003U);
}

TEST_F(Turn, counts_what_is_ready_up_to_a_limit) {
    EXPECT_EQ(run(store->count_ready({}, 10)).value(), 0);
    for (int i = 0; i < 3; ++i) add();
    EXPECT_EQ(run(store->count_ready({}, 10)).value(), 3);
    EXPECT_EQ(run(store->count_ready({}, 2)).value(), 2);
    EXPECT_EQ(run(store->count_ready({test::new_job().model}, 10)).value(), 0) << "the model is held";
}

TEST_F(Turn, keeps_holds_and_facts_over_a_restart) {
    ASSERT_TRUE(run(store->set_hold({QueueReason::paused, "m", "tea", in(0), in(60), {}})));
    ASSERT_TRUE(run(store->set_hold({QueueReason::credits, "", "empty", in(0), {}, 1.5})));
    ASSERT_TRUE(run(store->set_hold({QueueReason::credits, "", "still empty", in(1), {}, 0.5})));
    ASSERT_TRUE(run(store->set_fact("queue_epoch", "7")));
    reopen();
    auto holds = run(store->holds()).value();
    ASSERT_EQ(holds.size(), 2U);
    EXPECT_EQ(holds[0].model, "m");
    EXPECT_EQ(holds[0].until, in(60));
    EXPECT_EQ(holds[1].detail, "still empty");
    EXPECT_EQ(holds[1].balance, 0.5);
    ASSERT_TRUE(run(store->clear_hold(QueueReason::paused, "m")));
    EXPECT_EQ(run(store->holds()).value().size(), 1U);
    EXPECT_EQ(run(store->fact("queue_epoch")).value(), "7");
    ASSERT_TRUE(run(store->set_fact("queue_epoch", {})));
    EXPECT_EQ(run(store->fact("queue_epoch")).value(), std::nullopt);
}

TEST_F(Turn, answers_the_same_question_twice_between_two_commits_alike) {
    // The first answer is counted, the second and later ones come from the kept line.
    std::vector<JobId> ids;
    for (int i = 0; i < 5; ++i) ids.push_back(add(new_job("ann")).id);
    const auto other = add(new_job("bob", -1));
    for (int look = 0; look < 3; ++look) {
        for (std::size_t i = 0; i < ids.size(); ++i) {
            EXPECT_EQ(run(store->get_placed(ids[i], "")).value().position, static_cast<int>(i)) << look;
        }
        EXPECT_EQ(run(store->get_placed(other.id, "")).value().position, 5) << look;
    }
    // A commit ends what was kept.
    ASSERT_TRUE(run(store->record_intent({ids[0], 1})));
    for (int look = 0; look < 2; ++look) EXPECT_EQ(run(store->get_placed(ids[4], "")).value().position, 3) << look;
}

}  // namespace
}  // namespace genq::store
