#include "common/async/signal.hpp"

#include <atomic>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/async/with_timeout.hpp"

namespace genq::async {

namespace asio = boost::asio;

struct Signal::State {
    State(asio::any_io_executor e, Clock& c)
        : executor(std::move(e)), clock(c), waker(executor, asio::steady_timer::time_point::max()) {}
    asio::any_io_executor executor;
    Clock& clock;
    asio::steady_timer waker;  // never expires; cancelled by notify
    bool pending = false;      // the executor only
    std::atomic<bool> posted{false};
};

namespace {

/// Ends when the timer is cancelled by a notification; a cancellation of the coroutine itself throws in the caller.
template <class State>
asio::awaitable<Result<bool>> wait_for_notification(std::shared_ptr<State> state) {
    while (!state->pending) {
        boost::system::error_code ignored;
        co_await state->waker.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        const auto cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
        if (cancelled != asio::cancellation_type::none) co_return fail(errc::canceled, "the wait was cancelled");
    }
    state->pending = false;
    co_return true;
}

}  // namespace

Signal::Signal(asio::any_io_executor executor, Clock& clock)
    : state_(std::make_shared<State>(std::move(executor), clock)) {}

Signal::~Signal() = default;

void Signal::notify() {
    // One hop at most is under way, however many threads call.
    if (state_->posted.exchange(true)) return;
    asio::post(state_->executor, [state = state_] {
        state->posted = false;
        state->pending = true;
        state->waker.cancel();
    });
}

asio::awaitable<bool> Signal::wait_until(SteadyTime until) {
    const auto state = state_;
    if (state->pending) {
        state->pending = false;
        co_return true;
    }
    if (until == SteadyTime::max()) {
        co_return (co_await wait_for_notification(state)).has_value();
    }
    const auto result = co_await with_timeout<bool>(state->clock, until, wait_for_notification(state));
    co_return result.has_value();
}

}  // namespace genq::async
