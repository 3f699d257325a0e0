#pragma once
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <functional>
#include <optional>
#include <type_traits>

#include "common/async/enter.hpp"

namespace genq::async {

/// A few threads for what would block an I/O thread: files, hashing of more than 64 KiB.
class WorkerPool {
  public:
    explicit WorkerPool(std::size_t threads) : pool_(threads) {}
    ~WorkerPool() { pool_.join(); }
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    /// Runs `work` on a thread of the pool and comes back to the caller's executor with its value. The work can't be
    /// interrupted: a cancelled caller waits for it. Exceptions come back too.
    template <class Work>
    [[nodiscard]] boost::asio::awaitable<std::invoke_result_t<Work>> run(Work work);

  private:
    boost::asio::thread_pool pool_;
};

template <class Work>
boost::asio::awaitable<std::invoke_result_t<Work>> WorkerPool::run(Work work) {
    using Value = std::invoke_result_t<Work>;
    static_assert(!std::is_void_v<Value>, "return a Result<void> instead");
    // Asio makes the handler with an outstanding-work guard on the caller's executor, so the context stays alive.
    auto outcome = co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>,
                                                        void(std::exception_ptr, std::optional<Value>)>(
        [this](auto handler, Work inner) {
            auto guard = boost::asio::make_work_guard(boost::asio::get_associated_executor(handler));
            boost::asio::post(pool_, [handler = std::move(handler), inner = std::move(inner),
                                      guard = std::move(guard)]() mutable {
                std::exception_ptr error;
                std::optional<Value> value;
                try {
                    value.emplace(inner());
                } catch (...) {
                    error = std::current_exception();
                }
                auto executor = guard.get_executor();
                boost::asio::post(executor, [handler = std::move(handler), error, value = std::move(value)]() mutable {
                    std::move(handler)(error, std::move(value));
                });
            });
        },
        boost::asio::use_awaitable, std::move(work));
    co_return std::move(*outcome);
}

}  // namespace genq::async
