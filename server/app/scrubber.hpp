#pragma once
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <string>

#include "common/async/worker_pool.hpp"
#include "common/core/clock.hpp"
#include "common/log/log.hpp"
#include "common/metrics/registry.hpp"
#include "server/blobs/folder_store.hpp"

namespace genq::app {

/// Reads all blobs again and again, slowly, so that bytes that a disk loses are found while there is still a backup to
/// take them from. What is damaged is logged, counted and put aside (DESIGN.md, "Scrubbing").
class Scrubber {
  public:
    /// On average, so that nobody else notices; two terabytes take six days.
    static constexpr std::int64_t bytes_per_second = 4 << 20;
    static constexpr std::chrono::hours between_rounds{24};

    Scrubber(blobs::FolderStore& blobs, std::string state_dir, async::WorkerPool& pool, Clock& clock, log::Logger& log,
             metrics::Registry& metrics);

    /// Until it is cancelled.
    [[nodiscard]] boost::asio::awaitable<void> run();

  private:
    [[nodiscard]] boost::asio::awaitable<void> look_at(Digest digest);

    blobs::FolderStore& blobs_;
    const std::string dir_;  // of the blobs
    async::WorkerPool& pool_;
    Clock& clock_;
    log::Logger& log_;
    metrics::Counter& checked_;
    metrics::Counter& damaged_;
};

}  // namespace genq::app
