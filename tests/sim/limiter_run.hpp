#pragma once
#include <cstdint>
#include <string>

namespace genq::sim {

/// A client that is always hungry, behind WindowLimiter, in front of a server that counts arrivals.
struct LimiterPlan {
    std::uint64_t seed = 1;
    std::int64_t calls = 1'000'000;
    int limit = 20;
    int window_ms = 10'000;
    int straggler_ms = 10'000;
    bool steady_answers = false;  // all take 200 ms; else heavy tails both ways, lost answers, stragglers
    bool restarts = false;        // the process dies or stops now and then, and another one goes on
    int stranger_per_minute = 0;  // requests of somebody else's that count too, for the middle third of the calls
};

/// What the server saw.
struct LimiterOutcome {
    std::int64_t arrivals = 0;
    std::int64_t busiest = 0;  // arrivals in any one window, at most
    std::int64_t lost = 0;     // answers that never came
    std::int64_t refused = 0;  // 429s, for the stranger's requests
    std::int64_t restarts = 0;
    std::int64_t longest_ms = 0;  // from sending to the answer
    double use = 0;               // of what the limit permits, while there was no stranger
    int tokens_at_end = 0;
};

[[nodiscard]] LimiterOutcome run_limiter(const LimiterPlan& plan);
/// One line for people.
[[nodiscard]] std::string to_text(const LimiterPlan& plan, const LimiterOutcome& outcome);

}  // namespace genq::sim
