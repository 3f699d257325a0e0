#pragma once
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <mutex>

#include "server/engine/core.hpp"
#include "server/engine/downloader.hpp"
#include "server/engine/housekeeper.hpp"
#include "server/engine/late_watch.hpp"
#include "server/engine/poller.hpp"
#include "server/engine/submitter.hpp"
#include "server/engine/uploader.hpp"

namespace genq::engine {

/// The one place that decides who gets the next token: due queries and waiting creates take turns, so neither starves;
/// upgrades of finished videos queue behind other creates, and late looks take what is left.
/// Engine strand, but for snapshot().
class Dispatcher {
  public:
    Dispatcher(Core& core, Uploader& uploader, Submitter& submitter, Poller& poller, Downloader& downloader,
               Housekeeper& housekeeper, LateWatch& late_watch)
        : core_(core),
          uploader_(uploader),
          submitter_(submitter),
          poller_(poller),
          downloader_(downloader),
          housekeeper_(housekeeper),
          late_watch_(late_watch) {}

    /// Runs until core.draining.
    [[nodiscard]] boost::asio::awaitable<void> run();
    /// What the engine shows of itself. Any thread.
    [[nodiscard]] std::shared_ptr<const Snapshot> snapshot() const;
    /// Publishes a new snapshot; when the reason of queued jobs changed, the epoch is stored first.
    [[nodiscard]] boost::asio::awaitable<void> publish();

  private:
    [[nodiscard]] bool start_query(SteadyTime now);
    [[nodiscard]] bool start_downloads(SteadyTime now);
    [[nodiscard]] boost::asio::awaitable<bool> start_create(SteadyTime now);
    /// A job that may be ready could be sent if there were a token for it.
    [[nodiscard]] bool create_waits(SteadyTime now) const;
    [[nodiscard]] boost::asio::awaitable<void> count_waiting(SteadyTime now);
    /// The job whose create is sent next.
    [[nodiscard]] boost::asio::awaitable<Result<std::optional<Job>>> pick(bool probes_credits);
    [[nodiscard]] bool start_late_look(SteadyTime now);
    [[nodiscard]] bool start_balance_look(SteadyTime now);
    [[nodiscard]] HoldBook::Gate gate(SteadyTime now) const;
    [[nodiscard]] bool slots_full() const;
    /// Those who have max_running jobs at kie.ai, or on their way there.
    [[nodiscard]] std::set<std::string> full_callers() const;
    [[nodiscard]] SteadyTime next_wake(SteadyTime now);

    Core& core_;
    Uploader& uploader_;
    Submitter& submitter_;
    Poller& poller_;
    Downloader& downloader_;
    Housekeeper& housekeeper_;
    LateWatch& late_watch_;
    bool query_had_last_ = false;
    std::string last_caller_;
    std::set<std::string> passed_over_;  // the full callers of the last look
    std::optional<SteadyTime> ready_since_;
    SteadyTime counted_at_{};
    mutable std::mutex snapshot_mutex_;
    std::shared_ptr<const Snapshot> snapshot_ = std::make_shared<const Snapshot>();
};

}  // namespace genq::engine
