#pragma once
#include <vector>

#include "common/log/log.hpp"
#include "common/metrics/registry.hpp"
#include "server/store/records.hpp"

namespace genq::engine {

/// Logs and counts each job that ends, whoever ended it: the engine, a caller, a deadline, the end of another. Any
/// thread.
class JobEnds {
  public:
    JobEnds(log::Logger& log, metrics::Registry& metrics) : log_(log), metrics_(metrics) {}
    void take(const std::vector<store::JobEnd>& ends);

  private:
    log::Logger& log_;
    metrics::Registry& metrics_;
};

}  // namespace genq::engine
