#pragma once
#include <boost/asio/awaitable.hpp>
#include <functional>

#include "server/engine/core.hpp"

namespace genq::engine {

/// Brings jobs back that failed without proof, when proof of success comes late. Engine strand.
class Reviver {
  public:
    /// `generated` is told that a job has outputs to download.
    Reviver(Core& core, std::function<void(JobId)> generated) : core_(core), generated_(std::move(generated)) {}

    /// `report`: the success of the job's task.
    [[nodiscard]] boost::asio::awaitable<void> revive(Job job, upstream::TaskReport report);

  private:
    Core& core_;
    std::function<void(JobId)> generated_;
};

}  // namespace genq::engine
