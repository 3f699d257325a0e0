#include "tests/support/fake_clock.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace genq::test {

namespace asio = boost::asio;

asio::awaitable<void> FakeClock::sleep_until(SteadyTime when) {
    if (when <= now_) co_return;
    const auto timer =
        std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    const auto place = sleepers_.emplace(when, timer);
    struct Leave {
        FakeClock& clock;
        std::multimap<SteadyTime, std::shared_ptr<asio::steady_timer>>::iterator place;
        ~Leave() { clock.sleepers_.erase(place); }
    } const leave{*this, place};
    boost::system::error_code error;
    while (now_ < when) {
        co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, error));
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none) throw boost::system::system_error(error);
    }
}

void FakeClock::move_to(SteadyTime when) {
    if (when > now_) {
        wall_ += std::chrono::duration_cast<std::chrono::milliseconds>(when - now_);
        now_ = when;
    }
    for (const auto& [time, timer] : sleepers_) {
        if (time > now_) break;
        timer->cancel();
    }
}

void FakeClock::advance(asio::io_context& io, std::chrono::milliseconds by) {
    const auto end = now_ + by;
    run_until(io, [] { return false; }, by);
    move_to(end);
    run_ready(io);
}

bool FakeClock::run_until(asio::io_context& io, const std::function<bool()>& done, std::chrono::milliseconds limit) {
    const auto end = now_ + limit;
    for (;;) {
        run_ready(io);
        if (done()) return true;
        if (sleepers_.empty() || sleepers_.begin()->first > end) return false;
        move_to(sleepers_.begin()->first);
    }
}

void run_ready(asio::io_context& io) {
    if (io.stopped()) io.restart();
    while (io.poll() > 0) {
    }
}

}  // namespace genq::test
