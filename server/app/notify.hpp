#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "common/core/clock.hpp"
#include "server/app/environment.hpp"

namespace genq::app {

/// Tells systemd how the service is: one datagram a message to $NOTIFY_SOCKET (sd_notify(3)). Without that variable all
/// calls do nothing. Any thread; a message that can't be delivered is dropped.
class Notifier {
  public:
    explicit Notifier(const Environment& environment);

    void ready() { send("READY=1"); }
    void stopping() { send("STOPPING=1"); }
    void alive() { send("WATCHDOG=1"); }
    /// Followed by ready() once the reload is done. `now` goes along as MONOTONIC_USEC.
    void reloading(SteadyTime now);

    /// Half of what systemd allows between two alive() calls; nullopt if it does not watch this process.
    [[nodiscard]] std::optional<std::chrono::microseconds> watchdog_interval() const { return watchdog_; }

  private:
    void send(std::string_view message) const;

    std::string socket_;
    std::optional<std::chrono::microseconds> watchdog_;
};

}  // namespace genq::app
