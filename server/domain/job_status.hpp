#pragma once
#include <array>
#include <optional>
#include <string_view>

namespace genq {

enum class JobStatus { queued, submitting, generating, downloading, succeeded, failed, canceled };
inline constexpr std::array all_job_statuses{JobStatus::queued,      JobStatus::submitting, JobStatus::generating,
                                             JobStatus::downloading, JobStatus::succeeded,  JobStatus::failed,
                                             JobStatus::canceled};

/// The name as the API and the store spell it.
[[nodiscard]] std::string_view to_string(JobStatus status);
/// nullopt for what is no status.
[[nodiscard]] std::optional<JobStatus> job_status_from(std::string_view text);
[[nodiscard]] bool is_terminal(JobStatus status);

/// What may follow what (DESIGN.md, "The life of a job"). `retry` says that a caller asked for it: only then does a
/// terminal job move. The store checks every change against this table.
[[nodiscard]] bool may_become(JobStatus from, JobStatus to, bool retry = false);

/// What the engine does next with a job that is not terminal, and `step_at` when. Exactly one each.
enum class Step {
    wait,      ///< queued, and not to be sent before step_at (scheduled, backoff)
    submit,    ///< queued and ready for its turn
    settle,    ///< submitting: with an unknown outcome, step_at is when the wait for proof ends
    poll,      ///< generating: to be asked for at step_at
    download,  ///< downloading: outputs to be stored from step_at on
    none,      ///< terminal
};
[[nodiscard]] std::string_view to_string(Step step);
[[nodiscard]] std::optional<Step> step_from(std::string_view text);

/// Why a queued job is not running (API.md), in the order of precedence.
enum class QueueReason {
    scheduled,
    dependency,
    paused,
    upstream_auth,
    credits,
    storage,
    upstream_down,
    retry_backoff,
    uploading,
    concurrency,
    rate_limit,
};
[[nodiscard]] std::string_view to_string(QueueReason reason);
[[nodiscard]] std::optional<QueueReason> queue_reason_from(std::string_view text);

/// Whether kie.ai took credits for a job.
enum class Billed { no, yes, unknown };
inline constexpr std::array all_billed{Billed::no, Billed::yes, Billed::unknown};
[[nodiscard]] std::string_view to_string(Billed billed);
[[nodiscard]] std::optional<Billed> billed_from(std::string_view text);

/// `error.code` of a failed job.
enum class JobErrorCode {
    rejected,
    generation_failed,
    generation_timeout,
    download_failed,
    submit_unknown,
    deadline_exceeded,
    dependency_failed,
    attempts_exhausted,
    upload_failed,
};
inline constexpr std::array all_job_error_codes{
    JobErrorCode::rejected,          JobErrorCode::generation_failed,  JobErrorCode::generation_timeout,
    JobErrorCode::download_failed,   JobErrorCode::submit_unknown,     JobErrorCode::deadline_exceeded,
    JobErrorCode::dependency_failed, JobErrorCode::attempts_exhausted, JobErrorCode::upload_failed};
[[nodiscard]] std::string_view to_string(JobErrorCode code);
[[nodiscard]] std::optional<JobErrorCode> job_error_code_from(std::string_view text);

}  // namespace genq
