#include "server/engine/engine_metrics.hpp"

#include <limits>

namespace genq::engine {

namespace {
const std::vector<double> waits{0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800};
const std::vector<double> queue_waits{0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 14'400};
const std::vector<double> durations{1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600};
}  // namespace

EngineMetrics::EngineMetrics(metrics::Registry& registry)
    : limiter_wait_seconds(registry.histogram(
          "genqd_limiter_wait_seconds", "Time that a create waited for its token after its turn had come", waits)),
      queue_wait_seconds(registry.histogram(
          "genqd_queue_wait_seconds", "Time from when a job was ready to be sent to its first create", queue_waits)),
      detection_lag_seconds(registry.histogram("genqd_detection_lag_seconds",
                                               "Longest time that a finished task can have gone unnoticed", waits)),
      rate_limited(registry.counter("genqd_upstream_rate_limited_total",
                                    "Requests that kie.ai refused for their rate: somebody else uses the account")),
      unknown_creates(registry.counter("genqd_creates_unknown_total",
                                       "Creates whose outcome is unknown, because the answer was lost")),
      stray_tasks(registry.counter("genqd_stray_tasks_total",
                                   "Second tasks of one job that showed themselves by a callback: paid for twice")),
      revived(registry.counter("genqd_jobs_revived_total", "Failed jobs whose task succeeded after all")),
      downloaded_bytes(registry.counter("genqd_download_bytes_total", "Bytes of outputs stored")),
      download_failures(registry.counter("genqd_download_failures_total", "Tries to download an output that failed")),
      credits_used(registry.counter("genqd_credits_used_total", "Credits that kie.ai said its tasks consumed")),
      credits_unexplained(registry.gauge("genqd_credits_unexplained",
                                         "Credits gone from the balance since it was first seen that no job explains; "
                                         "negative: came in; NaN before the balance was looked at")),
      tokens_free(registry.gauge("genqd_limiter_tokens_free", "Tokens of the upstream limit that are free")),
      tokens_limit(registry.gauge("genqd_limiter_tokens_limit", "Tokens of the upstream limit in use")),
      tasks_running(registry.gauge("genqd_tasks_running", "Tasks that run at kie.ai")),
      downloads_running(registry.gauge("genqd_downloads_running", "Jobs whose outputs are being stored")),
      loop_lag_seconds(registry.gauge("genqd_event_loop_lag_seconds", "How late the engine woke the last time")),
      registry_(registry) {
    credits_unexplained.Set(std::numeric_limits<double>::quiet_NaN());
}

void EngineMetrics::request(Family family, std::string_view endpoint, std::string_view outcome) {
    registry_
        .counter("genqd_upstream_requests_total", "Requests to kie.ai's API",
                 {{"family", std::string(to_string(family))},
                  {"endpoint", std::string(endpoint)},
                  {"outcome", std::string(outcome)}})
        .Increment();
}

void EngineMetrics::credit_request(std::string_view outcome) {
    registry_
        .counter("genqd_upstream_requests_total", "Requests to kie.ai's API",
                 {{"family", "account"}, {"endpoint", "credit"}, {"outcome", std::string(outcome)}})
        .Increment();
}

void EngineMetrics::upload(std::string_view way, bool stored) {
    registry_
        .counter("genqd_uploads_total", "Files sent to kie.ai",
                 {{"way", std::string(way)}, {"outcome", stored ? "stored" : "failed"}})
        .Increment();
}

void EngineMetrics::callback(std::string_view outcome) {
    registry_.counter("genqd_callbacks_total", "Calls of kie.ai's", {{"outcome", std::string(outcome)}}).Increment();
}

void EngineMetrics::generated(const Job& job, double seconds) {
    registry_
        .histogram("genqd_generation_seconds", "Time from submission to the query that found the task done", durations,
                   {{"family", std::string(to_string(job.family))}, {"kind", job.kind}})
        .Observe(seconds);
}

}  // namespace genq::engine
