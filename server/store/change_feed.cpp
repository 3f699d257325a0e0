#include "server/store/change_feed.hpp"

#include <boost/asio/this_coro.hpp>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "common/async/signal.hpp"

namespace genq::store {

namespace asio = boost::asio;

struct ChangeFeed::Shared {
    explicit Shared(Clock& c) : clock(c) {}
    Clock& clock;
    mutable std::mutex mutex;
    std::unordered_multimap<std::int64_t, Watcher*> watchers;
};

struct ChangeFeed::Watcher {
    std::shared_ptr<Shared> shared;
    std::int64_t row = 0;
    bool changed = false;                 // under the mutex
    std::optional<async::Signal> signal;  // made by the first wait, on its executor; under the mutex

    void wake() {
        changed = true;
        if (signal) signal->notify();
    }
    bool take() {
        const std::lock_guard lock(shared->mutex);
        return std::exchange(changed, false);
    }
};

ChangeFeed::Ticket::Ticket(std::shared_ptr<Watcher> watcher) : watcher_(std::move(watcher)) {}

ChangeFeed::Ticket::~Ticket() {
    if (!watcher_) return;
    const std::lock_guard lock(watcher_->shared->mutex);
    auto& all = watcher_->shared->watchers;
    const auto [first, last] = all.equal_range(watcher_->row);
    for (auto place = first; place != last; ++place) {
        if (place->second == watcher_.get()) {
            all.erase(place);
            break;
        }
    }
}

asio::awaitable<bool> ChangeFeed::Ticket::wait(SteadyTime until) {
    const auto watcher = watcher_;
    {
        const auto executor = co_await asio::this_coro::executor;
        const std::lock_guard lock(watcher->shared->mutex);
        if (std::exchange(watcher->changed, false)) co_return true;
        if (!watcher->signal) watcher->signal.emplace(executor, watcher->shared->clock);
    }
    for (;;) {
        const bool notified = co_await watcher->signal->wait_until(until);
        // The signal also keeps a wake-up that an earlier call has taken already: `changed` decides.
        if (watcher->take()) co_return true;
        if (!notified) co_return false;
    }
}

ChangeFeed::ChangeFeed(Clock& clock) : shared_(std::make_shared<Shared>(clock)) {}

ChangeFeed::~ChangeFeed() = default;

ChangeFeed::Ticket ChangeFeed::watch(std::int64_t row) {
    auto watcher = std::make_shared<Watcher>();
    watcher->shared = shared_;
    watcher->row = row;
    const std::lock_guard lock(shared_->mutex);
    shared_->watchers.emplace(row, watcher.get());
    return Ticket(std::move(watcher));
}

void ChangeFeed::publish(const std::vector<std::int64_t>& rows) {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->watchers.empty()) return;
    for (const auto row : rows) {
        const auto [first, last] = shared_->watchers.equal_range(row);
        for (auto place = first; place != last; ++place) place->second->wake();
    }
}

void ChangeFeed::publish_all() {
    const std::lock_guard lock(shared_->mutex);
    for (const auto& [row, watcher] : shared_->watchers) watcher->wake();
}

std::size_t ChangeFeed::watchers() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->watchers.size();
}

}  // namespace genq::store
