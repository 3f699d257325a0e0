#pragma once
#include <mutex>
#include <string>

#include "common/core/clock.hpp"
#include "common/metrics/process.hpp"
#include "common/metrics/registry.hpp"
#include "server/catalogue/catalogue.hpp"
#include "server/engine/engine.hpp"
#include "server/store/job_store.hpp"

namespace genq::api {

/// The gauges that are read off the store and the engine when somebody looks. Any thread.
class StateMetrics {
  public:
    StateMetrics(metrics::Registry& registry, const std::string& version);

    /// What the operating system tells of the process. Reads files.
    void read_process() { process_.read(); }
    /// All metrics of the process as text. Models that the catalogue does not know are counted as "other", so that
    /// callers can't make up series.
    [[nodiscard]] std::string render(const store::QueueStats& stats, const engine::Snapshot& snapshot,
                                     const catalogue::Catalogue& catalogue, WallTime now);

  private:
    metrics::Registry& registry_;
    std::mutex mutex_;  // one scrape at a time: the series of genqd_jobs and genqd_hold are made anew by each
    metrics::Gauge& oldest_age_;
    metrics::Gauge& credits_;
    metrics::Gauge& blob_bytes_;
    metrics::Gauge& deliveries_pending_;
    metrics::ProcessMetrics process_;
};

}  // namespace genq::api
