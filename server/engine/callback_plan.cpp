#include "server/engine/callback_plan.hpp"

#include <charconv>

#include "common/core/check.hpp"
#include "common/core/rfc3339.hpp"
#include "server/store/retry_rules.hpp"
#include "server/upstream/callback.hpp"

namespace genq::engine {

using namespace std::chrono_literals;
using upstream::TaskReport;
using upstream::TaskState;

namespace {

constexpr auto clock_tolerance = 300s;  // of the signed timestamp: what is older may be a replay

bool is_recent(std::string_view timestamp, WallTime now) {
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(timestamp.data(), timestamp.data() + timestamp.size(), seconds);
    if (error != std::errc() || end != timestamp.data() + timestamp.size()) return false;
    const std::int64_t now_s = to_ms(now) / 1000;
    return seconds >= now_s - clock_tolerance.count() && seconds <= now_s + clock_tolerance.count();
}

/// Suno's text and first, Market's words of going on.
bool is_progress(const TaskReport& report) {
    return report.state == TaskState::pending && !report.word.empty();
}

CallbackAction plan_failed(const Job& job, bool verified, bool names_task, const TaskReport& report) {
    if (!store::is_revivable(job)) return CallbackAction::nothing;
    if (!verified) return names_task ? CallbackAction::ask : CallbackAction::nothing;
    if (job.billed == Billed::unknown) return CallbackAction::adopt;
    return is_end(report) && report.state == TaskState::succeeded ? CallbackAction::conclude : CallbackAction::nothing;
}

CallbackAction plan_generating(bool verified, const TaskReport& report) {
    if (is_progress(report)) return CallbackAction::nothing;
    return verified && is_end(report) ? CallbackAction::conclude : CallbackAction::ask;
}

}  // namespace

std::string callback_path(JobId id, std::string_view token) {
    return "/v1/callbacks/" + id.text() + "/" + std::string(token);
}

Trust trust(std::string_view key, const CallbackCall& call, std::string_view task_id, WallTime now) {
    if (key.empty() || call.signature.empty()) return Trust::hint;
    if (task_id.empty() || !upstream::is_signed(key, task_id, call.timestamp, call.signature)) return Trust::forged;
    return is_recent(call.timestamp, now) ? Trust::verified : Trust::hint;
}

bool is_end(const TaskReport& report) {
    return report.state == TaskState::failed || (report.state == TaskState::succeeded && !report.reread);
}

CallbackAction plan(const store::Submission& submission, std::string_view task_id, bool verified,
                    const TaskReport& report) {
    const Job& job = submission.job;
    const bool names_task = !task_id.empty();
    // An upgrade's create is asked again when its answer was lost, and finds the task that is there.
    const bool latest = submission.attempt == job.attempts || (names_task && job.task_id == task_id);
    const std::string& known = latest && submission.task_id.empty() ? job.task_id : submission.task_id;
    const bool proven = verified && names_task && (known.empty() || known == task_id);
    if (!latest) {
        return proven && submission.task_id.empty() ? CallbackAction::note_stray : CallbackAction::nothing;
    }
    switch (job.status) {
        case JobStatus::queued:
            // kie.ai answered as if nothing had been created, and it was. A task that failed changes nothing.
            return proven && known.empty() && report.state != TaskState::failed ? CallbackAction::adopt
                                                                                : CallbackAction::nothing;
        case JobStatus::submitting:
            if (proven) return CallbackAction::adopt;
            return names_task ? CallbackAction::ask : CallbackAction::nothing;
        case JobStatus::generating:
            return plan_generating(proven, report);
        case JobStatus::canceled:
            return proven && job.billed == Billed::unknown ? CallbackAction::adopt : CallbackAction::nothing;
        case JobStatus::failed:
            return plan_failed(job, proven, names_task || !known.empty(), report);
        case JobStatus::downloading:
        case JobStatus::succeeded:
            return CallbackAction::nothing;
    }
    check_failed("a JobStatus is one of the seven");
}

}  // namespace genq::engine
