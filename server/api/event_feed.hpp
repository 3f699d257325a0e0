#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/async/signal.hpp"
#include "common/core/clock.hpp"
#include "common/core/error.hpp"
#include "common/log/log.hpp"
#include "server/store/job_store.hpp"

namespace genq::api {

/// What a reader of events reads: one job's, or those of all jobs that the filter takes.
struct WantedEvents {
    std::optional<JobId> job{};
    store::JobFilter filter{};
    bool nothing = false;  ///< no event can fit (JobQuery::nothing)
};

/// What a reader gets next.
struct EventBatch {
    std::string text{};      ///< of the events, one after the other; "": nothing came for a heartbeat's time
    std::int64_t up_to = 0;  ///< whoever goes on after this event's id misses nothing
    bool missed = false;     ///< before `text` there were events that are no more there
    bool ended = false;      ///< of a job's reader: the job has ended with the last of these
};

/// Hands the durable events to those who read them live. One look at the table serves all readers, however many: what
/// it finds is put into text once and kept in a ring; a reader is a place in the table, and is woken only for what it
/// wants. One whose place the ring has left behind reads the table itself, a page at a time, at its own pace. So a slow
/// reader holds nothing but its place.
/// Without readers nothing is read and nothing is kept.
class EventFeed {
    struct Shared;
    struct Place;
    struct Group;

  public:
    struct Options {
        std::size_t ring = 2048;                      ///< events kept
        std::size_t batch_bytes = 64 << 10;           ///< of text in one batch, unless one event has more
        int page = 500;                               ///< events that a reader takes from the table at once
        std::chrono::milliseconds heartbeat{15'000};  ///< at most so long a reader waits for a batch
    };
    /// One reader. Its functions run on the executor that it was opened with, a strand. Does not keep the store alive.
    class Reader {
      public:
        ~Reader();
        Reader(const Reader&) = delete;
        Reader& operator=(const Reader&) = delete;

        /// Finds its place: behind event `after`; nullopt: a job's first event, or of all jobs what comes from now on.
        /// An id that no event has had yet is of another database: then the same, and `missed` is set with the first
        /// batch. Returns the id it stands behind. Call once, first.
        [[nodiscard]] boost::asio::awaitable<Result<std::int64_t>> begin(std::optional<std::int64_t> after);
        /// What comes next, when it comes. errc::canceled: stop() or end_all(). errc::not_found: its job was deleted.
        /// Errors of the store. Cancellation throws.
        [[nodiscard]] boost::asio::awaitable<Result<EventBatch>> next();
        /// Any thread.
        void stop();

      private:
        friend class EventFeed;
        Reader(std::shared_ptr<Shared> shared, WantedEvents wanted, boost::asio::any_io_executor executor);
        [[nodiscard]] boost::asio::awaitable<Result<EventBatch>> from_table();
        std::shared_ptr<Shared> shared_;
        std::unique_ptr<Place> place_;
    };

    /// `stored` is notified after each commit that brought events; it has no other waiter. `log` and the rest outlive
    /// the feed.
    EventFeed(store::JobStore& store, Clock& clock, log::Logger& log, async::Signal& stored, Options options);
    EventFeed(store::JobStore& store, Clock& clock, log::Logger& log, async::Signal& stored)
        : EventFeed(store, clock, log, stored, Options{}) {}
    ~EventFeed();
    EventFeed(const EventFeed&) = delete;
    EventFeed& operator=(const EventFeed&) = delete;

    /// Reads for the others until it is cancelled. On the executor of `stored`.
    [[nodiscard]] boost::asio::awaitable<void> run();
    /// A new reader. Any thread.
    [[nodiscard]] std::unique_ptr<Reader> open(WantedEvents wanted, boost::asio::any_io_executor executor);
    /// Ends all readers there are. Any thread.
    void end_all();
    /// How many there are. Any thread.
    [[nodiscard]] std::size_t readers() const;

  private:
    std::shared_ptr<Shared> shared_;
};

}  // namespace genq::api
