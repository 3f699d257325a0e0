#pragma once
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "common/core/error.hpp"

namespace genq::store::sqlite {

/// Work on its way to a thread of the store and back. `Context` is what the thread gives it.
template <class Context>
class Task {
  public:
    virtual ~Task() = default;
    /// Does the work; may be called again when what it wrote was rolled back.
    virtual void run(Context& context) = 0;
    /// Puts an error in the place of the result.
    virtual void fail(Error error) = 0;
    /// Sends the result to the caller's executor. Once, at the end.
    virtual void answer() = 0;
};

/// A Task made of a callable and of what waits for its result.
template <class Context, class Work, class Handler>
class TaskOf final : public Task<Context> {
  public:
    using Value = std::invoke_result_t<Work&, Context&>;

    TaskOf(Work work, Handler handler)
        : work_(std::move(work)),
          guard_(boost::asio::make_work_guard(boost::asio::get_associated_executor(handler))),
          handler_(std::move(handler)) {}

    void run(Context& context) override { result_.emplace(work_(context)); }
    void fail(Error error) override { result_.emplace(std::unexpected(std::move(error))); }
    void answer() override {
        boost::asio::post(guard_.get_executor(),
                          [handler = std::move(handler_), result = std::move(*result_)]() mutable {
                              std::move(handler)(std::move(result));
                          });
        guard_.reset();
    }

  private:
    Work work_;
    // The caller's context stays alive while its work is here.
    boost::asio::executor_work_guard<boost::asio::associated_executor_t<Handler>> guard_;
    Handler handler_;
    std::optional<Value> result_;
};

/// Gives `work` to `threads` (which has push()) and waits for its result on the caller's executor. `work` returns a
/// Result and may be run more than once, so it must not move from what it holds. It can't be interrupted: a cancelled
/// caller waits for it.
template <class Context, class Threads, class Work>
[[nodiscard]] boost::asio::awaitable<std::invoke_result_t<Work&, Context&>> run_on(Threads& threads, Work work) {
    using Value = std::invoke_result_t<Work&, Context&>;
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(Value)>(
        [&threads](auto handler, Work inner) {
            using Handler = decltype(handler);
            threads.push(std::make_unique<TaskOf<Context, Work, Handler>>(std::move(inner), std::move(handler)));
        },
        boost::asio::use_awaitable, std::move(work));
}

}  // namespace genq::store::sqlite
