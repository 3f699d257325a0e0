#include "server/api/estimate.hpp"

#include <algorithm>

namespace genq::api {

namespace {

using std::chrono::milliseconds;

// Of the time from submission: the rest is for storing the outputs.
constexpr double generating_share = 0.9;

std::optional<WallTime> start_of(const Job& job, const engine::Snapshot& snapshot, std::optional<int> position,
                                 WallTime now) {
    switch (queue_reason(job, snapshot)) {
        case QueueReason::paused:
            for (const auto& hold : snapshot.holds) {
                const bool is_this =
                    hold.reason == QueueReason::paused && (hold.model.empty() || hold.model == job.model);
                if (is_this && hold.until) return std::max(*hold.until, now);
            }
            return std::nullopt;
        case QueueReason::concurrency:
            if (!position || snapshot.creates_per_minute <= 0) return std::nullopt;
            return now +
                   milliseconds(static_cast<std::int64_t>((*position + 1) * 60'000 / snapshot.creates_per_minute));
        case QueueReason::rate_limit: {
            if (!position || snapshot.limit <= 0) return std::nullopt;
            const int rounds = std::max(0, *position - snapshot.tokens_free);
            return now + snapshot.next_token_in.value_or(milliseconds(0)) + rounds * snapshot.window / snapshot.limit;
        }
        case QueueReason::scheduled:
        case QueueReason::retry_backoff:
            return std::max(job.step_at, now);
        case QueueReason::dependency:
        case QueueReason::upstream_auth:
        case QueueReason::credits:
        case QueueReason::storage:
        case QueueReason::upstream_down:
        case QueueReason::uploading:
            return std::nullopt;
    }
    return std::nullopt;
}

double generated_share(milliseconds elapsed, std::chrono::seconds typical) {
    if (typical.count() <= 0) return 0;
    const double share = std::chrono::duration<double>(elapsed) / std::chrono::duration<double>(typical);
    return generating_share * std::clamp(share, 0.0, 1.0);
}

}  // namespace

QueueReason queue_reason(const Job& job, const engine::Snapshot& snapshot) {
    // The enumerators stand in the order of precedence.
    QueueReason reason = snapshot.reason;
    if (std::ranges::find(snapshot.paused_models, job.model) != snapshot.paused_models.end()) {
        reason = std::min(reason, QueueReason::paused);
    }
    if (job.step == Step::wait && job.wait_reason) reason = std::min(reason, *job.wait_reason);
    return reason;
}

Estimate estimate(const Job& job, const engine::Snapshot& snapshot, std::optional<int> position,
                  std::chrono::seconds typical, WallTime now) {
    Estimate result;
    switch (job.status) {
        case JobStatus::queued:
            result.start_at = start_of(job, snapshot, position, now);
            if (result.start_at) result.finish_at = *result.start_at + typical;
            break;
        case JobStatus::submitting:
            result.finish_at = now + typical;
            break;
        case JobStatus::generating: {
            const WallTime since = job.submitted_at.value_or(now);
            result.fraction = generated_share(now - since, typical);
            result.finish_at = std::max(since + typical, now + std::chrono::seconds(1));
            break;
        }
        case JobStatus::downloading:
            result.fraction = 0.95;
            result.finish_at = now + std::chrono::seconds(2);
            break;
        case JobStatus::succeeded:
            result.fraction = 1;
            break;
        case JobStatus::failed:
        case JobStatus::canceled:
            if (job.generated_at) {
                result.fraction = 0.95;
            } else if (job.submitted_at) {
                result.fraction = generated_share(job.finished_at.value_or(now) - *job.submitted_at, typical);
            }
            break;
    }
    return result;
}

std::chrono::seconds retry_after(const Estimate& estimate, WallTime now) {
    if (!estimate.finish_at) return std::chrono::seconds(30);
    const auto left = std::chrono::ceil<std::chrono::seconds>(*estimate.finish_at - now);
    return std::clamp(left, std::chrono::seconds(1), std::chrono::seconds(60));
}

}  // namespace genq::api
