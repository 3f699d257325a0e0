#include <gtest/gtest.h>

#include "tests/sim/limiter_run.hpp"
#include "tests/sim/world.hpp"

namespace genq::sim {
namespace {

using namespace std::chrono_literals;

Outcome run(const Plan& plan) {
    Outcome outcome = World(plan).run();
    EXPECT_EQ(outcome.violated, "") << outcome.detail << "\nagain: ./dev sim --seed " << plan.seed << " --hours "
                                    << plan.duration / 1h;
    return outcome;
}

TEST(Simulation, holds_every_invariant_and_meets_every_fault) {
    std::map<std::string, std::int64_t, std::less<>> faults;
    for (std::uint64_t seed = 101; seed < 105; ++seed) {
        const Outcome outcome = run({.seed = seed});
        for (const auto& [kind, count] : outcome.ledger.faults) faults[kind] += count;
        EXPECT_GT(outcome.succeeded, 50) << "seed " << seed;
    }
    for (const char* kind : {"answer late",
                             "answer lost",
                             "batch",
                             "broken answer",
                             "canceled",
                             "download cut off",
                             "empty answer",
                             "callback doubled",
                             "callback late",
                             "callback lost",
                             "gateway's page",
                             "media 404",
                             "no connection",
                             "power lost",
                             "refers to others",
                             "nothing written",
                             "over budget",
                             "partly written",
                             "request lost",
                             "success without a result",
                             "task fails",
                             "task not visible",
                             "URLs expire"}) {
        EXPECT_TRUE(faults.contains(kind)) << kind;
    }
}

TEST(Simulation, holds_for_seeds_that_nobody_has_seen) {
    SystemRandom random;
    const SystemClock clock;
    const SteadyTime end = clock.now() + 6s;
    do {
        run({.seed = random.below(1'000'000'000)});
    } while (clock.now() < end && !testing::Test::HasFailure());
}

TEST(Simulation, asks_kie_ai_once_a_job_when_signed_callbacks_come) {
    const Outcome outcome =
        run({.seed = 9, .faults = false, .callbacks = Callbacks::signed_calls, .jobs_at_start = 100});
    EXPECT_EQ(outcome.succeeded, 100);
    EXPECT_LT(outcome.ledger.tasks, 100) << "1080p makes no tasks";
    // But for the safety net under tasks that take longer than nearly all others, and Aleph's path that has moved.
    // No call comes for 1080p, which is asked for until it is there.
    EXPECT_LT(outcome.ledger.creates + outcome.ledger.queries - outcome.ledger.looks_at_1080p, 125);
}

TEST(Simulation, replays_a_seed_exactly) {
    const Outcome first = run({.seed = 77, .duration = 30min});
    const Outcome second = run({.seed = 77, .duration = 30min});
    EXPECT_EQ(first.ledger.trace, second.ledger.trace);
    EXPECT_EQ(first.ledger.steps, second.ledger.steps);
    EXPECT_NE(first.ledger.trace, run({.seed = 78, .duration = 30min}).ledger.trace);
}

TEST(Simulation, survives_a_death_after_any_commit) {
    Plan plan{.seed = 5, .duration = 2min, .faults = false, .jobs_at_start = 3};
    const Outcome whole = run(plan);
    ASSERT_EQ(whole.succeeded, 3);
    for (std::int64_t commit = 1; commit <= whole.ledger.commits; ++commit) {
        plan.crash_at_commit = commit;
        plan.power_lost = commit % 2 == 0;
        const Outcome outcome = run(plan);
        EXPECT_EQ(outcome.ledger.crashes, 1) << "commit " << commit;
        // Of what was under way to kie.ai when the process died nobody can say what became of it; all else goes on.
        EXPECT_EQ(outcome.succeeded + outcome.failed, 3) << "commit " << commit;
    }
}

TEST(Simulation, survives_a_death_between_any_two_steps) {
    Plan plan{.seed = 6, .duration = 2min, .faults = false, .jobs_at_start = 1};
    const Outcome whole = run(plan);
    ASSERT_EQ(whole.succeeded, 1);
    // A fourth of them each time, for the sake of the test's: any, in the course of the runs.
    for (auto step = static_cast<std::int64_t>(1 + SystemRandom().below(4)); step <= whole.ledger.steps; step += 4) {
        plan.crash_at_step = step;
        const Outcome outcome = run(plan);
        EXPECT_EQ(outcome.ledger.crashes, 1) << "step " << step;
        EXPECT_EQ(outcome.succeeded + outcome.failed, 1) << "step " << step;
    }
}

TEST(LimiterAtScale, no_window_holds_more_than_twenty_under_heavy_tails) {
    const LimiterOutcome outcome = run_limiter({.calls = 150'000});
    EXPECT_EQ(outcome.busiest, 20);
    EXPECT_GT(outcome.lost, 1'000);
    EXPECT_GT(outcome.longest_ms, 20'000);
}

TEST(LimiterAtScale, lets_nearly_all_through_that_the_limit_permits) {
    const LimiterOutcome outcome = run_limiter({.calls = 50'000, .steady_answers = true});
    EXPECT_EQ(outcome.busiest, 20);
    EXPECT_GE(outcome.use, 0.97);
}

TEST(LimiterAtScale, opens_no_second_burst_when_processes_come_and_go) {
    const LimiterOutcome outcome = run_limiter({.calls = 50'000, .restarts = true});
    EXPECT_EQ(outcome.busiest, 20);
    EXPECT_GT(outcome.restarts, 20);
}

TEST(LimiterAtScale, gives_way_to_a_stranger_and_recovers) {
    const LimiterOutcome outcome = run_limiter({.calls = 30'000, .steady_answers = true, .stranger_per_minute = 60});
    EXPECT_EQ(outcome.busiest, 20);
    EXPECT_GT(outcome.refused, 0);
    EXPECT_LT(outcome.refused, 30'000 / 3 / 20);  // of the third that the stranger was there for
    EXPECT_EQ(outcome.tokens_at_end, 20);
}

TEST(LimiterAtScale, keeps_the_queries_own_limit_too) {
    const LimiterOutcome outcome = run_limiter({.calls = 50'000, .limit = 10, .window_ms = 1'000});
    EXPECT_EQ(outcome.busiest, 10);
}

}  // namespace
}  // namespace genq::sim
