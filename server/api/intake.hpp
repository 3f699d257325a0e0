#pragma once
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <mutex>
#include <optional>

#include "common/core/clock.hpp"
#include "server/api/problem.hpp"
#include "server/store/job_store.hpp"

namespace genq::api {

/// Keeps the queue below its limit. The store is asked how many jobs are queued only at first and when the last answer
/// and what was accepted since reach the limit (at most once a second): an estimate that errs on the full side. Any
/// strand.
class Intake {
  public:
    /// `max_queued`: 0 for no limit.
    Intake(store::JobStore& store, Clock& clock, std::int64_t max_queued)
        : store_(store), clock_(clock), max_queued_(max_queued) {}

    /// Makes room for so many jobs, which are counted as accepted. queue_full.
    [[nodiscard]] boost::asio::awaitable<Checked<void>> admit(std::int64_t jobs = 1);
    /// So many of the jobs that admit() counted did not come to wait.
    void give_back(std::int64_t jobs = 1);

  private:
    enum class Decision { admitted, full, ask };
    [[nodiscard]] Decision decide(std::int64_t jobs);

    store::JobStore& store_;
    Clock& clock_;
    const std::int64_t max_queued_;
    std::mutex mutex_;
    std::int64_t estimate_ = 0;
    std::optional<SteadyTime> asked_at_;
};

}  // namespace genq::api
