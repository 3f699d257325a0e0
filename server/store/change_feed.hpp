#pragma once
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "common/core/clock.hpp"

namespace genq::store {

/// Tells those who wait for a job that it changed. publish() is what a JobStore's OnChange calls.
/// All functions may be called from any thread; a waiter is woken on its own executor. Waiters of other jobs cost a
/// publish nothing.
class ChangeFeed {
    struct Shared;
    struct Watcher;

  public:
    /// One watch of one job, from watch() on. To miss nothing, take it before the job is read:
    ///
    ///     auto ticket = feed.watch(id.row());
    ///     for (;;) {
    ///         auto job = co_await store.get(id);
    ///         if (good_enough(job)) …
    ///         if (!co_await ticket.wait(until)) …   // time is up
    ///     }
    ///
    /// May outlive the feed, but then nothing wakes it before its time.
    class Ticket {
      public:
        Ticket(Ticket&&) noexcept = default;
        Ticket& operator=(Ticket&&) = delete;
        ~Ticket();

        /// True when something was published since watch(), or since the last call that returned true; at once if it
        /// was so already. False when `until` (steady clock) came first. One coroutine at a time, all of them on the
        /// strand of the first, or on a context with one thread. Cancellation ends the wait like the time does.
        [[nodiscard]] boost::asio::awaitable<bool> wait(SteadyTime until);

      private:
        friend class ChangeFeed;
        explicit Ticket(std::shared_ptr<Watcher> watcher);
        std::shared_ptr<Watcher> watcher_;
    };

    explicit ChangeFeed(Clock& clock);
    ~ChangeFeed();
    ChangeFeed(const ChangeFeed&) = delete;
    ChangeFeed& operator=(const ChangeFeed&) = delete;

    /// Watches the job with that row (JobId::row()) until the ticket dies.
    [[nodiscard]] Ticket watch(std::int64_t row);
    /// These jobs changed.
    void publish(const std::vector<std::int64_t>& rows);
    /// Something changed that all jobs show (the reason why the queue stands still, say).
    void publish_all();
    /// How many watches there are.
    [[nodiscard]] std::size_t watchers() const;

  private:
    std::shared_ptr<Shared> shared_;
};

}  // namespace genq::store
