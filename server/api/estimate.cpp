#include "server/api/estimate.hpp"

#include <algorithm>

#include "server/polling/durations.hpp"

namespace genq::api {

namespace {

using std::chrono::milliseconds;

// Of the time from submission: the rest is for storing the outputs.
constexpr double generating_share = 0.9;

milliseconds milliseconds_of(double seconds) {
    return milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

/// Until the limiter has come to the job of that position, with the queries that go between the creates.
milliseconds token_wait(const engine::Snapshot& snapshot, std::int64_t position) {
    const double interval = std::chrono::duration<double>(snapshot.window).count() / snapshot.limit;
    const auto rounds = static_cast<double>(std::max<std::int64_t>(0, position - snapshot.tokens_free));
    return snapshot.next_token_in.value_or(milliseconds(0)) +
           milliseconds_of(rounds * interval * (1 + snapshot.queries_per_create));
}

/// Until it is the turn of the job of that position, for which limiter and slots alone are waited.
std::optional<milliseconds> turn_in(const engine::Snapshot& snapshot, std::int64_t position) {
    if (snapshot.limit <= 0) return std::nullopt;
    const milliseconds token = token_wait(snapshot, position);
    if (snapshot.reason != QueueReason::concurrency && snapshot.mean_task_s <= 0) return token;
    const int free_slots = std::max(0, snapshot.max_tasks - snapshot.tasks_running);
    const auto before = static_cast<double>(std::max<std::int64_t>(0, position + 1 - free_slots));
    // One of `max_tasks` slots is freed each mean duration divided by their number.
    if (before > 0 && snapshot.mean_task_s <= 0) return std::nullopt;
    return std::max(token, milliseconds_of(before * snapshot.mean_task_s / std::max(1, snapshot.max_tasks)));
}

std::optional<WallTime> start_of(const Job& job, const engine::Snapshot& snapshot, std::optional<int> position,
                                 WallTime now) {
    const QueueReason reason = queue_reason(job, snapshot);
    switch (reason) {
        case QueueReason::paused:
            for (const auto& hold : snapshot.holds) {
                const bool is_this =
                    hold.reason == QueueReason::paused && (hold.model.empty() || hold.model == job.model);
                if (is_this && hold.until) return std::max(*hold.until, now);
            }
            return std::nullopt;
        case QueueReason::concurrency:
        case QueueReason::rate_limit: {
            if (!position) return std::nullopt;
            // Its caller's own limit: which of that caller's tasks ends when is not in the snapshot.
            if (reason == QueueReason::concurrency && snapshot.reason != reason) return std::nullopt;
            const auto wait = turn_in(snapshot, *position);
            return wait ? std::optional(now + *wait) : std::nullopt;
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

double generated_share(milliseconds elapsed, const polling::Law& law) {
    return generating_share * law.progress(std::chrono::duration<double>(elapsed).count());
}

/// From its submission, for a task that is not done at that age.
milliseconds likely_duration(const polling::Law& law, milliseconds age) {
    return milliseconds_of(law.quantile(0.5, std::chrono::duration<double>(age).count()));
}

}  // namespace

QueueReason queue_reason(const Job& job, const engine::Snapshot& snapshot) {
    // The enumerators stand in the order of precedence.
    QueueReason reason = snapshot.reason;
    if (std::ranges::find(snapshot.paused_models, job.model) != snapshot.paused_models.end()) {
        reason = std::min(reason, QueueReason::paused);
    }
    if (std::ranges::find(snapshot.full_callers, job.caller) != snapshot.full_callers.end()) {
        reason = std::min(reason, QueueReason::concurrency);
    }
    if (job.step == Step::wait && job.wait_reason) reason = std::min(reason, *job.wait_reason);
    return reason;
}

Estimate estimate(const Job& job, const engine::Snapshot& snapshot, std::optional<int> position,
                  const polling::Law& law, WallTime now) {
    Estimate result;
    switch (job.status) {
        case JobStatus::queued:
            result.start_at = start_of(job, snapshot, position, now);
            if (result.start_at) result.finish_at = *result.start_at + likely_duration(law, milliseconds(0));
            break;
        case JobStatus::submitting:
            result.finish_at = now + likely_duration(law, milliseconds(0));
            break;
        case JobStatus::generating: {
            const WallTime since = job.submitted_at.value_or(now);
            result.fraction = generated_share(now - since, law);
            result.finish_at = std::max(since + likely_duration(law, now - since), now + std::chrono::seconds(1));
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
                result.fraction = generated_share(job.finished_at.value_or(now) - *job.submitted_at, law);
            }
            break;
    }
    return result;
}

std::optional<milliseconds> drain_time(const engine::Snapshot& snapshot, std::int64_t ready) {
    const bool held = std::ranges::any_of(snapshot.holds, [](const store::Hold& hold) { return hold.model.empty(); });
    if (held) return std::nullopt;
    return ready == 0 ? milliseconds(0) : turn_in(snapshot, ready - 1);
}

polling::Law law_for(const engine::Snapshot& snapshot, const catalogue::Model* model, const Job& job,
                     std::chrono::seconds longest_wait) {
    const auto& known = *snapshot.durations;
    if (const auto found = known.find(job.model); found != known.end()) return found->second->law;
    polling::Prior prior;
    if (model != nullptr) {
        prior.typical_from = model->typical_s_from;
        prior.typical_to = model->typical_s_to;
    }
    const auto longest = job.longest_wait.count() > 0 ? job.longest_wait : longest_wait;
    prior.longest_wait = static_cast<double>(std::max<std::int64_t>(longest.count(), 1));
    return polling::learn(polling::spread(prior), {}, {});
}

std::chrono::seconds retry_after(const Estimate& estimate, WallTime now) {
    if (!estimate.finish_at) return std::chrono::seconds(30);
    const auto left = std::chrono::ceil<std::chrono::seconds>(*estimate.finish_at - now);
    return std::clamp(left, std::chrono::seconds(1), std::chrono::seconds(60));
}

}  // namespace genq::api
