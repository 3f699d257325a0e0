#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <string>

#include "common/core/clock.hpp"

namespace genq::async {

/// Owns coroutines: each is spawned here, cancelled here and waited for here, so that none outlives what it uses.
/// Spawn, cancel and join run on the group's executor (a strand). The owner must co_await join() before destruction.
class TaskGroup {
  public:
    /// `on_error` gets the name of a task that threw anything but a cancellation; it runs on the executor.
    using OnError = std::function<void(const std::string& name, std::exception_ptr error)>;

    TaskGroup(boost::asio::any_io_executor executor, OnError on_error);
    ~TaskGroup();
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    /// Starts `task` on the executor. May be called from any thread until close(); afterwards the task is dropped.
    void spawn(std::string name, boost::asio::awaitable<void> task);
    /// Asks all tasks to stop (terminal cancellation): what they wait for ends with operation_aborted. Any thread.
    void cancel();
    /// Returns when no task is left.
    [[nodiscard]] boost::asio::awaitable<void> join();
    [[nodiscard]] std::size_t size() const;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace genq::async
