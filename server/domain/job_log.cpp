#include "server/domain/job_log.hpp"

namespace genq {

log::Subject about(const Job& job) {
    return about(job.id, job.model, job.traceparent);
}

log::Subject about(JobId id, std::string_view model, std::string_view traceparent) {
    return log::Subject{{"job", id.text()}, log::if_known("model", model), log::trace(traceparent)};
}

}  // namespace genq
