#include "server/store/retry_rules.hpp"

#include <algorithm>

namespace genq::store {

namespace {

/// Its task, or what it made, is still worth asking for.
bool resumable(const Job& job) {
    if (job.status == JobStatus::canceled) return true;
    if (!job.error) return false;
    using enum JobErrorCode;
    switch (job.error->code) {
        case generation_timeout:
        case download_failed:
        case submit_unknown:
        case deadline_exceeded:
            return true;
        case rejected:
        case generation_failed:
        case dependency_failed:
        case attempts_exhausted:
        case upload_failed:
            return false;
    }
    return false;
}

}  // namespace

bool is_revivable(const Job& job) {
    using enum JobErrorCode;
    if (job.status != JobStatus::failed || !job.error) return false;
    if (job.generated_at) return false;  // its success was known: it ended while its outputs were stored
    const JobErrorCode code = job.error->code;
    return code == submit_unknown || code == generation_timeout || code == deadline_exceeded;
}

bool has_task(const Job& job) {
    // veo/1080p has no task id: that its create was answered says it.
    return !job.task_id.empty() || job.submitted_at.has_value();
}

Result<RetryTarget> retry_target(const Job& job, bool resubmit) {
    if (job.status != JobStatus::failed && job.status != JobStatus::canceled) {
        return fail(errc::conflict,
                    "only failed jobs, and canceled ones that have a kie.ai task, can be retried; this "
                    "one is " +
                        std::string(to_string(job.status)));
    }
    if (job.status == JobStatus::canceled && !has_task(job)) {
        return fail(errc::conflict, "this job was canceled before kie.ai had a task for it: submit it as a new job");
    }
    if (has_task(job) && resumable(job)) {
        const bool something_left =
            std::ranges::any_of(job.outputs, [](const Output& output) { return !output.digest; });
        return job.generated_at && something_left ? RetryTarget::download : RetryTarget::poll;
    }
    const bool failed_task = has_task(job) || (job.error && job.error->code == JobErrorCode::generation_failed);
    const bool unsettled =
        job.billed == Billed::unknown || (job.error && job.error->code == JobErrorCode::submit_unknown);
    if (!resubmit && (failed_task || unsettled)) {
        return fail(errc::conflict,
                    failed_task
                        ? "kie.ai made a task for this job and it failed: a retry makes a new one, which pays anew; "
                          R"(send {"resubmit":true} to do that)"
                        : "kie.ai may have made and charged a task for this job: a retry may pay twice; "
                          R"(send {"resubmit":true} to do that)");
    }
    return RetryTarget::queue;
}

}  // namespace genq::store
