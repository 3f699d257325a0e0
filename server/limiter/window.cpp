#include "server/limiter/window.hpp"

#include <algorithm>

#include "common/core/check.hpp"

namespace genq::limiter {

namespace {
constexpr int refusal_memory_windows = 10;
constexpr int growth_windows = 3;
}  // namespace

WindowLimiter::WindowLimiter(int limit, Duration window, Duration straggler, SteadyTime now,
                             std::optional<SteadyTime> full_at)
    : configured_(limit), limit_(limit), window_(window), straggler_(straggler), grow_at_(now) {
    GENQ_CHECK(limit >= 1);
    if (full_at && *full_at > now) {
        for (int i = 0; i < limit; ++i) returning_.insert(*full_at);
    }
}

void WindowLimiter::settle(SteadyTime now) {
    returning_.erase(returning_.begin(), returning_.upper_bound(now));
    while (limit_ < configured_ && now >= grow_at_) {
        ++limit_;
        grow_at_ += window_ * growth_windows;
    }
}

int WindowLimiter::free(SteadyTime now) {
    settle(now);
    if (now < held_until_) return 0;
    return std::max(0, limit_ - in_flight_ - static_cast<int>(returning_.size()));
}

bool WindowLimiter::take(SteadyTime now) {
    if (free(now) == 0) return false;
    ++in_flight_;
    return true;
}

void WindowLimiter::answered(SteadyTime now) {
    GENQ_CHECK(in_flight_ > 0);
    --in_flight_;
    returning_.insert(now + window_ + margin);
}

void WindowLimiter::not_sent() {
    GENQ_CHECK(in_flight_ > 0);
    --in_flight_;
}

void WindowLimiter::lost(SteadyTime now) {
    GENQ_CHECK(in_flight_ > 0);
    --in_flight_;
    returning_.insert(now + window_ + straggler_ + margin);
}

void WindowLimiter::refused(SteadyTime now, Duration pause) {
    // What was under way when the hold began says the same once more.
    const bool told_before = now < held_until_;
    held_until_ = std::max(held_until_, now + pause);
    if (!told_before && last_refusal_ && now - *last_refusal_ < window_ * refusal_memory_windows) {
        limit_ = std::max(1, limit_ - std::max(1, limit_ / 4));
    }
    last_refusal_ = now;
    grow_at_ = now + window_ * growth_windows;
}

std::optional<SteadyTime> WindowLimiter::next_free(SteadyTime now) {
    if (free(now) > 0) return now;
    const auto waiting = static_cast<int>(returning_.size());
    // With fewer tokens in use than there are on their way back, the first returns change nothing.
    const int needed = std::max(0, in_flight_ + waiting - limit_ + 1);
    if (needed > waiting) return std::nullopt;
    const SteadyTime back = needed == 0 ? now : *std::next(returning_.begin(), needed - 1);
    return std::max(back, held_until_);
}

WindowLimiter::Duration WindowLimiter::next_back(SteadyTime now) {
    settle(now);
    return returning_.empty() ? window_ : std::chrono::ceil<Duration>(*returning_.begin() - now);
}

std::vector<SteadyTime> WindowLimiter::returns(SteadyTime now) {
    settle(now);
    return {returning_.begin(), returning_.end()};
}

void WindowLimiter::configure(int limit, Duration window, Duration straggler) {
    GENQ_CHECK(limit >= 1);
    limit_ = limit_ == configured_ ? limit : std::min(limit_, limit);
    configured_ = limit;
    window_ = window;
    straggler_ = straggler;
}

}  // namespace genq::limiter
