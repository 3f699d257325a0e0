#include "common/async/task_group.hpp"

#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <list>

#include "common/async/enter.hpp"
#include "common/core/check.hpp"

namespace genq::async {

namespace asio = boost::asio;

struct TaskGroup::State : std::enable_shared_from_this<State> {
    State(asio::any_io_executor e, OnError handler)
        : executor(std::move(e)), on_error(std::move(handler)), idle(executor, asio::steady_timer::time_point::max()) {}

    asio::any_io_executor executor;
    OnError on_error;
    std::list<asio::cancellation_signal> signals;  // a list: their addresses must not change
    asio::steady_timer idle;                       // never expires; cancelled when the last task ends
    std::atomic<std::size_t> count{0};
    bool cancelled = false;

    void start(std::string name, asio::awaitable<void> task) {
        if (cancelled) {
            ended();
            return;
        }
        const auto place = signals.emplace(signals.end());
        asio::co_spawn(
            executor, std::move(task),
            asio::bind_cancellation_slot(place->slot(), [self = shared_from_this(), place,
                                                         name = std::move(name)](const std::exception_ptr& error) {
                // The strand's own executor: the completion may come on another one of its context.
                asio::dispatch(self->executor, [self, place, name, error] {
                    self->signals.erase(place);
                    if (error) self->report(name, error);
                    self->ended();
                });
            }));
    }

    void report(const std::string& name, const std::exception_ptr& error) {
        try {
            std::rethrow_exception(error);
        } catch (const boost::system::system_error& e) {
            if (e.code() == asio::error::operation_aborted && cancelled) return;
            on_error(name, error);
        } catch (...) {
            on_error(name, error);
        }
    }

    void ended() {
        if (--count == 0) idle.cancel();
    }
};

TaskGroup::TaskGroup(asio::any_io_executor executor, OnError on_error)
    : state_(std::make_shared<State>(std::move(executor), std::move(on_error))) {}

TaskGroup::~TaskGroup() {
    GENQ_CHECK(state_->count == 0);
}

void TaskGroup::spawn(std::string name, asio::awaitable<void> task) {
    ++state_->count;
    asio::dispatch(state_->executor, [state = state_, name = std::move(name), task = std::move(task)]() mutable {
        state->start(std::move(name), std::move(task));
    });
}

void TaskGroup::cancel() {
    asio::post(state_->executor, [state = state_] {
        state->cancelled = true;
        // A task that ends at once erases its own signal, so the next place is taken first.
        for (auto place = state->signals.begin(); place != state->signals.end();) {
            (place++)->emit(asio::cancellation_type::terminal);
        }
    });
}

asio::awaitable<void> TaskGroup::join() {
    const auto state = state_;
    co_await enter(state->executor);
    while (state->count > 0) {
        boost::system::error_code ignored;
        co_await state->idle.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

std::size_t TaskGroup::size() const {
    return state_->count;
}

}  // namespace genq::async
