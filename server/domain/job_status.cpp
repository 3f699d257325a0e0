#include "server/domain/job_status.hpp"

#include "common/core/check.hpp"

namespace genq {
namespace {

/// Finds the enumerator whose name is `text` among `values`.
template <class Enum, std::size_t N>
std::optional<Enum> named(std::string_view text, const std::array<Enum, N>& values) {
    for (const auto value : values) {
        if (to_string(value) == text) return value;
    }
    return std::nullopt;
}

/// The ways that a job takes by itself.
bool may_go_on(JobStatus from, JobStatus to) {
    using enum JobStatus;
    switch (from) {
        // Straight to generating when a callback proves that an earlier create made a task after all.
        // Straight to succeeded when an identical job has made what it asks for.
        case queued:
            return to == submitting || to == generating || to == succeeded || to == failed || to == canceled;
        // Back to queued only after an answer that proves that nothing was created.
        case submitting:
            return to == queued || to == generating || to == failed || to == canceled;
        // Straight to succeeded when the result is text and there is nothing to download; back to queued when the
        // caller opted in to new tasks after failed generations.
        case generating:
            return to == queued || to == downloading || to == succeeded || to == failed || to == canceled;
        case downloading:
            return to == succeeded || to == failed || to == canceled;
        case succeeded:
        case failed:
        case canceled:
            return false;
    }
    check_failed("a JobStatus is one of the seven");
}

/// The ways back that a caller's retry, or the revival of a job by proof of success, opens. A text that proves it is
/// there at once, so a job that failed may have succeeded.
bool may_be_taken_up_again(JobStatus from, JobStatus to) {
    using enum JobStatus;
    if (from == failed) return to == queued || to == generating || to == downloading || to == succeeded;
    if (from == canceled) return to == generating || to == downloading;
    return false;
}

}  // namespace

std::string_view to_string(JobStatus status) {
    switch (status) {
        case JobStatus::queued:
            return "queued";
        case JobStatus::submitting:
            return "submitting";
        case JobStatus::generating:
            return "generating";
        case JobStatus::downloading:
            return "downloading";
        case JobStatus::succeeded:
            return "succeeded";
        case JobStatus::failed:
            return "failed";
        case JobStatus::canceled:
            return "canceled";
    }
    check_failed("a JobStatus has a name");
}

std::optional<JobStatus> job_status_from(std::string_view text) {
    return named(text, all_job_statuses);
}

bool is_terminal(JobStatus status) {
    return status == JobStatus::succeeded || status == JobStatus::failed || status == JobStatus::canceled;
}

bool may_become(JobStatus from, JobStatus to, bool retry) {
    return may_go_on(from, to) || (retry && may_be_taken_up_again(from, to));
}

std::string_view to_string(Step step) {
    switch (step) {
        case Step::wait:
            return "wait";
        case Step::submit:
            return "submit";
        case Step::settle:
            return "settle";
        case Step::poll:
            return "poll";
        case Step::download:
            return "download";
        case Step::none:
            return "none";
    }
    check_failed("a Step has a name");
}

std::optional<Step> step_from(std::string_view text) {
    using enum Step;
    return named(text, std::array{wait, submit, settle, poll, download, none});
}

std::string_view to_string(QueueReason reason) {
    switch (reason) {
        case QueueReason::scheduled:
            return "scheduled";
        case QueueReason::dependency:
            return "dependency";
        case QueueReason::paused:
            return "paused";
        case QueueReason::upstream_auth:
            return "upstream_auth";
        case QueueReason::credits:
            return "credits";
        case QueueReason::storage:
            return "storage";
        case QueueReason::upstream_down:
            return "upstream_down";
        case QueueReason::retry_backoff:
            return "retry_backoff";
        case QueueReason::uploading:
            return "uploading";
        case QueueReason::concurrency:
            return "concurrency";
        case QueueReason::rate_limit:
            return "rate_limit";
    }
    check_failed("a QueueReason has a name");
}

std::optional<QueueReason> queue_reason_from(std::string_view text) {
    using enum QueueReason;
    return named(text, std::array{scheduled, dependency, paused, upstream_auth, credits, storage, upstream_down,
                                  retry_backoff, uploading, concurrency, rate_limit});
}

std::string_view to_string(Billed billed) {
    switch (billed) {
        case Billed::no:
            return "no";
        case Billed::yes:
            return "yes";
        case Billed::unknown:
            return "unknown";
    }
    check_failed("a Billed has a name");
}

std::optional<Billed> billed_from(std::string_view text) {
    return named(text, all_billed);
}

std::string_view to_string(JobErrorCode code) {
    switch (code) {
        case JobErrorCode::rejected:
            return "rejected";
        case JobErrorCode::generation_failed:
            return "generation_failed";
        case JobErrorCode::generation_timeout:
            return "generation_timeout";
        case JobErrorCode::download_failed:
            return "download_failed";
        case JobErrorCode::submit_unknown:
            return "submit_unknown";
        case JobErrorCode::deadline_exceeded:
            return "deadline_exceeded";
        case JobErrorCode::dependency_failed:
            return "dependency_failed";
        case JobErrorCode::attempts_exhausted:
            return "attempts_exhausted";
        case JobErrorCode::upload_failed:
            return "upload_failed";
    }
    check_failed("a JobErrorCode has a name");
}

std::optional<JobErrorCode> job_error_code_from(std::string_view text) {
    return named(text, all_job_error_codes);
}

}  // namespace genq
