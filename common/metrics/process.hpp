#pragma once
#include <mutex>

#include "common/metrics/registry.hpp"

namespace genq::metrics {

/// What Prometheus' client libraries tell of a process, by their names: `process_start_time_seconds`,
/// `process_cpu_seconds_total`, `process_resident_memory_bytes`, `process_virtual_memory_bytes`, `process_open_fds`,
/// `process_max_fds`. From Linux' /proc; what that does not give is not told.
class ProcessMetrics {
  public:
    explicit ProcessMetrics(Registry& registry);
    /// Reads files, and a folder of as many entries as there are open ones. Any thread.
    void read();

  private:
    std::mutex mutex_;
    Gauge& start_time_;
    Counter& cpu_seconds_;
    Gauge& resident_bytes_;
    Gauge& virtual_bytes_;
    Gauge& open_fds_;
    Gauge& max_fds_;
};

}  // namespace genq::metrics
