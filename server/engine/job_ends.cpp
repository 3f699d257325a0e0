#include "server/engine/job_ends.hpp"

#include "server/domain/job_log.hpp"

namespace genq::engine {

namespace {
const std::vector<double> lifetimes{1, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 14'400, 86'400};
}

void JobEnds::take(const std::vector<store::JobEnd>& ends) {
    for (const store::JobEnd& end : ends) {
        const std::string status(to_string(end.status));
        const metrics::Labels labels{
            {"family", std::string(to_string(end.family))}, {"kind", end.kind}, {"status", status}};
        // Models that are passed through are the callers' words, and labels come from closed sets.
        metrics_.counter("genqd_jobs_finished_total", "Jobs that reached a terminal status", labels).Increment();
        metrics_.histogram("genqd_job_seconds", "Time from a job's acceptance to its end", lifetimes, labels)
            .Observe(std::chrono::duration<double>(end.lasted).count());
        log_.info("job " + status, about(end.id, end.model, end.traceparent), {log::if_known("code", end.error_code)});
    }
}

}  // namespace genq::engine
