#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>

#include "common/core/clock.hpp"

namespace genq::async {

/// "Something changed": one side notifies, a coroutine waits for it or for a time. A notification that nobody waits for
/// is kept, so none is missed. notify() from any thread; wait() by one coroutine on `executor` (a strand).
class Signal {
  public:
    Signal(boost::asio::any_io_executor executor, Clock& clock);
    ~Signal();
    Signal(const Signal&) = delete;
    Signal& operator=(const Signal&) = delete;

    void notify();
    /// True when notified (before or during the wait), false when `until` came first. Cancellation throws.
    [[nodiscard]] boost::asio::awaitable<bool> wait_until(SteadyTime until);

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace genq::async
