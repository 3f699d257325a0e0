#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>

#include "common/core/clock.hpp"

namespace genq::test {

/// A clock that the test moves. One thread: the one that runs the io_context. Sleeping coroutines wake when advance()
/// passes their time; wall and steady time move together unless step_wall() moves the wall clock alone.
class FakeClock final : public Clock {
  public:
    [[nodiscard]] SteadyTime now() const override { return now_; }
    [[nodiscard]] WallTime wall_now() const override { return wall_; }
    [[nodiscard]] boost::asio::awaitable<void> sleep_until(SteadyTime when) override;

    void step_wall(std::chrono::milliseconds by) { wall_ += by; }
    /// Runs what is ready, moves to the next sleeper, and so on until `by` has passed; then runs what is ready.
    void advance(boost::asio::io_context& io, std::chrono::milliseconds by);
    /// Runs until `done()` or until `limit` has passed; true if done.
    bool run_until(boost::asio::io_context& io, const std::function<bool()>& done, std::chrono::milliseconds limit);
    /// How many coroutines sleep.
    [[nodiscard]] std::size_t sleepers() const { return sleepers_.size(); }
    /// When the first of them wakes; SteadyTime::max() when none sleeps.
    [[nodiscard]] SteadyTime next_wake() const {
        return sleepers_.empty() ? SteadyTime::max() : sleepers_.begin()->first;
    }
    /// Moves to `when` and wakes whose time has come, without running anything: for those who run the loop themselves.
    void move_to(SteadyTime when);

  private:
    SteadyTime now_{std::chrono::hours(1)};
    WallTime wall_{std::chrono::milliseconds(1'795'000'000'000)};  // November 2026
    std::multimap<SteadyTime, std::shared_ptr<boost::asio::steady_timer>> sleepers_;
};

/// Runs what is ready and returns when nothing is.
void run_ready(boost::asio::io_context& io);

}  // namespace genq::test
