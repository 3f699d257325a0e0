#pragma once
#include "common/log/log.hpp"
#include "server/domain/job.hpp"

namespace genq {

/// What each log line in the life of a job has: `job`, `model`, and the `trace_id` of its trace, if it has one.
[[nodiscard]] log::Subject about(const Job& job);
/// Of one of which no more is known than that; what is "" is left out.
[[nodiscard]] log::Subject about(JobId id, std::string_view model, std::string_view traceparent);

}  // namespace genq
