#pragma once
#include <chrono>
#include <deque>

#include "common/core/clock.hpp"

namespace genq::engine {

/// Stops creates while kie.ai can't be reached, so that an outage does not turn the backlog into creates of unknown
/// outcome: 3 failures in a row, or 5 within a minute, open it. While it is open only probes go out: the credit query,
/// and after a good one creates one at a time; two good ones close it (DESIGN.md, "Holds"). Pure; engine strand.
class Breaker {
  public:
    enum class State { closed, open, half_open };

    /// A create or a probe that was lost or could not reach kie.ai. True when this opened the breaker.
    bool failed(SteadyTime now);
    /// A create or a probe that kie.ai answered, whatever it said. True when this closed the breaker.
    bool succeeded(SteadyTime now);
    /// Open from now on: an earlier process left it so.
    void open(SteadyTime now);
    void close();

    [[nodiscard]] State state() const { return state_; }
    /// When the next credit query may probe; only while not closed. Doubles from 5 s to 60 s.
    [[nodiscard]] SteadyTime probe_at() const { return probe_at_; }

  private:
    void trip(SteadyTime now);

    State state_ = State::closed;
    int in_a_row_ = 0;
    int good_ = 0;
    std::deque<SteadyTime> recent_;  // failures of the last minute
    std::chrono::milliseconds pause_{5'000};
    SteadyTime probe_at_{};
};

}  // namespace genq::engine
