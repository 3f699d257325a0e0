#pragma once
#include <boost/asio/awaitable.hpp>
#include <chrono>

namespace genq {

/// Monotonic time, for limits and deadlines: it never jumps. Not comparable between processes.
using SteadyTime = std::chrono::steady_clock::time_point;
/// Wall-clock time (Unix epoch, UTC), for what is stored and shown. It can jump.
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

/// Time as a parameter: the daemon runs on SystemClock, tests on a clock that they move.
/// All functions may be called from any thread.
class Clock {
  public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual SteadyTime now() const = 0;
    [[nodiscard]] virtual WallTime wall_now() const = 0;
    /// Returns at or after `when`, on the caller's executor; at once when `when` is past. Cancellation ends it with
    /// `boost::system::system_error(operation_aborted)`.
    [[nodiscard]] virtual boost::asio::awaitable<void> sleep_until(SteadyTime when) = 0;
};

/// The machine's own clocks.
class SystemClock final : public Clock {
  public:
    [[nodiscard]] SteadyTime now() const override;
    [[nodiscard]] WallTime wall_now() const override;
    [[nodiscard]] boost::asio::awaitable<void> sleep_until(SteadyTime when) override;
};

}  // namespace genq
