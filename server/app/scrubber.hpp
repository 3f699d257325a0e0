#pragma once
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <mutex>
#include <string>

#include "common/async/worker_pool.hpp"
#include "common/core/clock.hpp"
#include "common/log/log.hpp"
#include "common/metrics/registry.hpp"
#include "server/api/integrity.hpp"
#include "server/blobs/folder_store.hpp"
#include "server/store/sqlite/table_check.hpp"

namespace genq::app {

/// Reads all blobs and the database again and again, slowly, so that bytes that a disk loses are found while there is
/// still a backup to take them from. What is damaged is logged, counted and shown; a blob is put aside (DESIGN.md,
/// "Scrubbing").
class Scrubber {
  public:
    /// On average, so that nobody else notices; two terabytes take six days.
    static constexpr std::int64_t bytes_per_second = 4 << 20;
    static constexpr std::chrono::hours between_rounds{24};

    Scrubber(blobs::FolderStore& blobs, std::string state_dir, async::WorkerPool& pool, Clock& clock, log::Logger& log,
             metrics::Registry& metrics);

    /// Until it is cancelled, after stop().
    [[nodiscard]] boost::asio::awaitable<void> run();
    /// A check of the database that runs ends at once. Any thread.
    void stop();
    /// As far as it was looked at. Any thread.
    [[nodiscard]] api::Integrity found() const;

  private:
    [[nodiscard]] boost::asio::awaitable<void> look_at(Digest digest);
    [[nodiscard]] boost::asio::awaitable<void> look_at_database();
    /// Opens the database for a round; nullptr: it can't be, which is logged.
    [[nodiscard]] std::shared_ptr<store::TableCheck> begin_database();

    blobs::FolderStore& blobs_;
    const std::string database_;
    const std::string dir_;  // of the blobs
    async::WorkerPool& pool_;
    Clock& clock_;
    log::Logger& log_;
    metrics::Counter& checked_;
    metrics::Counter& damaged_;
    metrics::Counter& database_damaged_;
    std::atomic<bool> bad_database_{false};
    std::mutex mutex_;
    bool stopping_ = false;                       // under the mutex
    std::shared_ptr<store::TableCheck> running_;  // likewise: the check that stop() ends
};

}  // namespace genq::app
