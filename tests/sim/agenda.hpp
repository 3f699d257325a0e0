#pragma once
#include <functional>
#include <map>

#include "tests/support/fake_clock.hpp"

namespace genq::sim {

/// What happens outside the daemon, and when: requests that arrive, faults that begin and end, callers that come. It
/// goes on when the daemon dies. Things of one time happen in the order in which they were put down.
class Agenda {
  public:
    explicit Agenda(test::FakeClock& clock) : clock_(clock) {}

    void at(SteadyTime when, std::function<void()> what) { entries_.emplace(when, std::move(what)); }
    void in(std::chrono::milliseconds wait, std::function<void()> what) { at(clock_.now() + wait, std::move(what)); }
    [[nodiscard]] SteadyTime next() const { return entries_.empty() ? SteadyTime::max() : entries_.begin()->first; }
    void run_due() {
        while (!entries_.empty() && entries_.begin()->first <= clock_.now()) {
            const auto due = entries_.extract(entries_.begin());
            due.mapped()();
        }
    }

  private:
    test::FakeClock& clock_;
    std::multimap<SteadyTime, std::function<void()>> entries_;
};

}  // namespace genq::sim
