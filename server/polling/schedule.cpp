#include "server/polling/schedule.hpp"

#include <algorithm>

namespace genq::polling {

using std::chrono::milliseconds;

namespace {

/// base · 2^exponent, at most `cap`.
milliseconds doubled(milliseconds base, int exponent, milliseconds cap) {
    milliseconds wait = base;
    for (int i = 0; i < exponent && wait < cap; ++i) wait *= 2;
    return std::min(wait, cap);
}

}  // namespace

milliseconds floor_at(const Rule& rule, milliseconds age) {
    return age < rule.stretch_after ? rule.interval : rule.stretched_interval;
}

milliseconds with_jitter(milliseconds wait, Random& random) {
    return wait + milliseconds(static_cast<std::int64_t>(static_cast<double>(wait.count()) * 0.1 * random.unit()));
}

milliseconds after_failed_query(const Rule& rule, int failures, Random& random) {
    return with_jitter(doubled(rule.interval, std::max(0, failures - 1), std::max(rule.interval, milliseconds(60'000))),
                       random);
}

milliseconds full_jitter(milliseconds base, milliseconds cap, int attempt, Random& random) {
    const milliseconds bound = doubled(base, std::max(0, attempt), cap);
    return milliseconds(static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(bound.count()) + 1)));
}

}  // namespace genq::polling
