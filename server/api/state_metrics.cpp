#include "server/api/state_metrics.hpp"

#include <limits>
#include <map>

namespace genq::api {

StateMetrics::StateMetrics(metrics::Registry& registry, const std::string& version)
    : registry_(registry),
      oldest_age_(registry.gauge("genqd_queue_oldest_age_seconds",
                                 "How long the job has waited that has been ready to be sent longest, 0 if none is")),
      credits_(registry.gauge("genqd_credits", "The kie.ai balance as last seen, NaN before that")),
      blob_bytes_(registry.gauge("genqd_blob_bytes", "Bytes of all outputs that jobs list")),
      deliveries_pending_(
          registry.gauge("genqd_webhook_deliveries_pending", "Deliveries of webhooks that are to be made")),
      process_(registry) {
    registry.gauge("genqd_build_info", "Which program this is", {{"version", version}}).Set(1);
}

std::string StateMetrics::render(const store::QueueStats& stats, const engine::Snapshot& snapshot,
                                 const catalogue::Catalogue& catalogue, WallTime now) {
    std::map<std::pair<JobStatus, std::string>, std::int64_t> jobs;
    for (const JobStatus status : all_job_statuses) jobs[{status, "other"}] = 0;
    for (const auto& row : stats.counts) {
        const auto* model = catalogue.find(row.model);
        jobs[{row.status, model != nullptr ? model->id : "other"}] += row.jobs;
    }

    const std::lock_guard lock(mutex_);
    registry_.clear_gauges("genqd_jobs");
    for (const auto& [key, count] : jobs) {
        registry_
            .gauge("genqd_jobs", "Jobs in the store",
                   {{"status", std::string(to_string(key.first))}, {"model", key.second}})
            .Set(static_cast<double>(count));
    }
    registry_.clear_gauges("genqd_hold");
    const auto hold = [this](QueueReason reason, const std::string& model) -> metrics::Gauge& {
        return registry_.gauge("genqd_hold",
                               "1 while submissions are held for that reason; of one model alone with its name",
                               {{"reason", std::string(to_string(reason))}, {"model", model}});
    };
    for (const QueueReason reason : {QueueReason::paused, QueueReason::upstream_auth, QueueReason::credits,
                                     QueueReason::storage, QueueReason::upstream_down}) {
        hold(reason, "").Set(0);
    }
    for (const auto& held : snapshot.holds) {
        const bool known = held.model.empty() || catalogue.find(held.model) != nullptr;
        hold(held.reason, known ? held.model : "other").Set(1);
    }
    const auto age = stats.oldest_ready_at ? now - *stats.oldest_ready_at : std::chrono::milliseconds(0);
    oldest_age_.Set(std::chrono::duration<double>(age).count());
    credits_.Set(snapshot.credits.value_or(std::numeric_limits<double>::quiet_NaN()));
    blob_bytes_.Set(static_cast<double>(stats.blob_bytes));
    deliveries_pending_.Set(static_cast<double>(stats.deliveries_pending));
    return registry_.render();
}

}  // namespace genq::api
