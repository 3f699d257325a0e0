#pragma once
#include "common/core/error.hpp"
#include "server/domain/job.hpp"

namespace genq::store {

/// Where a job is taken up again.
enum class RetryTarget {
    queue,     ///< a new task
    poll,      ///< its task is asked for again
    download,  ///< its outputs are stored
};

/// What POST /v1/jobs/{id}/retry does with a job (API.md). `resubmit`: the caller accepts to pay anew.
/// errc::conflict with a sentence for the caller when it may not be. Pure.
[[nodiscard]] Result<RetryTarget> retry_target(const Job& job, bool resubmit);

/// True for a failed job that proof of success revives (DESIGN.md, "The life of a job"). Pure.
[[nodiscard]] bool is_revivable(const Job& job);

/// True when kie.ai has, or had, a task for this job.
[[nodiscard]] bool has_task(const Job& job);

}  // namespace genq::store
