#include "server/engine/job_ends.hpp"

#include "server/domain/job_log.hpp"

namespace genq::engine {

void JobEnds::take(const std::vector<store::JobEnd>& ends) {
    for (const store::JobEnd& end : ends) {
        const std::string status(to_string(end.status));
        // Models that are passed through are the callers' words, and labels come from closed sets.
        metrics_
            .counter("genqd_jobs_finished_total", "Jobs that reached a terminal status",
                     {{"family", std::string(to_string(end.family))}, {"kind", end.kind}, {"status", status}})
            .Increment();
        log_.info("job " + status, about(end.id, end.model, end.traceparent), {log::if_known("code", end.error_code)});
    }
}

}  // namespace genq::engine
