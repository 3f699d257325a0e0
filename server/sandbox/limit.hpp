#pragma once
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>

#include "common/core/clock.hpp"

namespace genq::sandbox {

/// A strict sliding window over the times of arrival: among any `window` of time, wherever it starts, at most `limit`
/// requests are let in. A window holds its first instant and not its last, so a request is forgotten exactly `window`
/// after it came. kie.ai, Getting Started: "up to 20 new generation requests per 10 seconds"; what is refused does not
/// count. Pure; one thread at a time. Times must not go back.
class SlidingWindow {
  public:
    /// `limit` of 0 or less lets everything in.
    SlidingWindow(int limit, std::chrono::milliseconds window) : limit_(limit), window_(window) {}

    /// True when the request is let in; then it counts.
    [[nodiscard]] bool admit(SteadyTime now) {
        drop_old(now);
        if (limit_ > 0 && times_.size() >= static_cast<std::size_t>(limit_)) return false;
        record(now);
        return true;
    }
    /// Counts a request whether there is room or not.
    void record(SteadyTime now) {
        drop_old(now);
        times_.push_back(now);
        largest_ = std::max(largest_, times_.size());
    }
    /// The most requests that any window has held so far.
    [[nodiscard]] std::size_t largest() const { return largest_; }

  private:
    void drop_old(SteadyTime now) {
        while (!times_.empty() && times_.front() + window_ <= now) times_.pop_front();
    }

    int limit_;
    std::chrono::milliseconds window_;
    std::deque<SteadyTime> times_;
    std::size_t largest_ = 0;
};

}  // namespace genq::sandbox
