#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "server/polling/planner.hpp"

namespace genq::polling {
namespace {

using namespace std::chrono_literals;

/// Whatever the price does, a task is asked for no sooner than its rule allows and no later than its bound.
RC_GTEST_PROP(PlannerProperty, keeps_to_the_rules_floor_and_to_the_bound, (std::uint64_t seed)) {
    SeededRandom random(seed);
    Planner planner(random);
    const Rule rule{3s, 5s, 120s, 20s, 300s};
    SteadyTime now{1h};
    std::map<std::int64_t, std::pair<SteadyTime, SteadyTime>> tasks;  // made, looked
    for (std::int64_t id = 0; id < 5; ++id) {
        planner.watch(id, {"model " + std::to_string(id % 2), rule, 300s, now, now}, {5, 100, 300});
        tasks[id] = {now, now};
    }
    for (int step = 0; step < 60; ++step) {
        const double price = polling::price(
            {20, static_cast<int>(random.below(20)), 10, 10 * random.unit(), static_cast<int>(random.below(100))});
        const auto next = planner.next(now, price);
        RC_ASSERT(next.has_value());
        now = std::max(now, next->at);
        auto& [made, looked] = tasks.at(next->id);
        const auto floor = looked == made ? 3s : looked - made < 120s ? 5s : 20s;
        RC_ASSERT(next->at >= looked + floor);
        RC_ASSERT(next->at <= std::max(looked + 75s, looked + 22s));
        planner.asking(next->id);
        if (now - made > 300s || random.below(8) == 0) {
            planner.finished(next->id, now);
            planner.watch(next->id, {"model 0", rule, 300s, now, now}, {5, 100, 300});
            made = looked = now;
        } else {
            planner.looked(next->id, now);
            looked = now;
        }
    }
}

}  // namespace
}  // namespace genq::polling
