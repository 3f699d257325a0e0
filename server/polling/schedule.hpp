#pragma once
#include <chrono>

#include "common/core/random.hpp"

namespace genq::polling {

/// How often a task of a kind may be asked for (kie.ai: 3 s for images, 5–10 s for video and music, 10 s for
/// Midjourney, 15–30 s past two minutes). Bounds for the Planner, which chooses the times by what it has learnt.
struct Rule {
    std::chrono::milliseconds first{3'000};                // no query before this age
    std::chrono::milliseconds interval{3'000};             // between two queries at least
    std::chrono::milliseconds stretch_after{120'000};      // and from this age on …
    std::chrono::milliseconds stretched_interval{15'000};  // … at least this
    std::chrono::seconds longest_wait{300};                // the task is given up then
};

/// The shortest wait between two queries of a task that is `age` old.
[[nodiscard]] std::chrono::milliseconds floor_at(const Rule& rule, std::chrono::milliseconds age);

/// Up to a tenth more at random, so that jobs accepted together are not asked for in step.
[[nodiscard]] std::chrono::milliseconds with_jitter(std::chrono::milliseconds wait, Random& random);

/// The wait after `failures` >= 1 queries in a row that got no readable answer: doubles from `interval` up to a minute,
/// the same jitter.
[[nodiscard]] std::chrono::milliseconds after_failed_query(const Rule& rule, int failures, Random& random);

/// Full-jitter backoff: uniform in [0, min(cap, base · 2^attempt)].
[[nodiscard]] std::chrono::milliseconds full_jitter(std::chrono::milliseconds base, std::chrono::milliseconds cap,
                                                    int attempt, Random& random);

}  // namespace genq::polling
