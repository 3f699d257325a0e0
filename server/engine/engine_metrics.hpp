#pragma once
#include <string>
#include <string_view>

#include "common/metrics/registry.hpp"
#include "server/domain/job.hpp"

namespace genq::engine {

/// The series that the engine counts in. Any thread. Jobs are told apart by family and kind: models that are passed
/// through are the callers' words, and labels come from closed sets.
class EngineMetrics {
  public:
    explicit EngineMetrics(metrics::Registry& registry);

    /// One request to the API: `endpoint` is "create", "query" or "credit", `outcome` a verdict's name.
    void request(Family family, std::string_view endpoint, std::string_view outcome);
    void credit_request(std::string_view outcome);
    /// One upload of a file by that way.
    void upload(std::string_view way, bool stored);
    /// A call of kie.ai's: `outcome` is "verified", "hint", "forged" or "unknown".
    void callback(std::string_view outcome);
    /// Seconds that a task took, from submission to the query that found it done.
    void generated(const Job& job, double seconds);

    metrics::Histogram& limiter_wait_seconds;   ///< from ready to token, per create
    metrics::Histogram& queue_wait_seconds;     ///< from ready to the intent, of each job's first create
    metrics::Histogram& detection_lag_seconds;  ///< at most this long a finished task went unnoticed
    metrics::Counter& rate_limited;             ///< 429s: somebody else uses the account
    metrics::Counter& unknown_creates;
    metrics::Counter& stray_tasks;  ///< a second task of one job showed itself
    metrics::Counter& revived;
    metrics::Counter& downloaded_bytes;
    metrics::Counter& download_failures;
    metrics::Counter& credits_used;
    metrics::Gauge& credits_unexplained;  ///< as JobStore::record_balance() has it
    metrics::Gauge& tokens_free;
    metrics::Gauge& tokens_limit;
    metrics::Gauge& tasks_running;
    metrics::Gauge& downloads_running;
    metrics::Gauge& loop_lag_seconds;  ///< how late the engine's strand woke the last time

  private:
    metrics::Registry& registry_;
};

}  // namespace genq::engine
