#include "server/engine/callbacks.hpp"

#include "common/crypto/sha256.hpp"
#include "server/engine/query_token.hpp"
#include "server/polling/schedule.hpp"
#include "server/store/retry_rules.hpp"
#include "server/upstream/callback.hpp"

namespace genq::engine {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using upstream::TaskReport;
using upstream::TaskState;

namespace {

constexpr auto ask_pause = 10s;  // forged hints must not use up the limit
constexpr auto ask_for = 1h;     // kie.ai does not call again for longer than its query may fail

std::string_view to_string(Trust trust) {
    switch (trust) {
        case Trust::verified:
            return "verified";
        case Trust::hint:
            return "hint";
        case Trust::forged:
            return "forged";
    }
    return "";
}

bool may_be_settled(const Job& job) {
    return job.status == JobStatus::submitting || store::is_revivable(job);
}

}  // namespace

asio::awaitable<Result<CallbackVerdict>> Callbacks::receive(CallbackCall call) {
    auto submission = co_await core_.ports.store.submission(call.job, crypto::sha256_hex(call.token));
    if (!submission && submission.error().code == errc::not_found) {
        core_.metrics.callback("unknown");
        co_return CallbackVerdict::unknown;
    }
    if (!submission) co_return std::unexpected(submission.error());
    const Job& job = submission->job;
    const auto body = upstream::read_callback_body(call.body);
    const std::string task_id = body ? body->task_id : std::string();
    const Trust worth = trust(core_.options.callback_key, call, task_id, core_.ports.clock.wall_now());
    core_.metrics.callback(to_string(worth));
    if (worth == Trust::forged) {
        core_.ports.log.warn("a callback's signature does not hold: is callbacks.hmac_key kie.ai's webhook key?",
                             about(job));
        co_return CallbackVerdict::forged;
    }
    if (worth == Trust::verified) core_.callbacks_missed = 0;
    TaskReport report;
    if (body) {
        const std::string no_callback;
        report = upstream::adapter(job.family).read_callback(Core::spec(job, no_callback), body->envelope);
    }
    const CallbackAction action = plan(*submission, task_id, worth == Trust::verified, report);
    core_.ports.log.debug("callback taken", about(job), {{"worth", to_string(worth)}, {"word", report.word}});
    co_await act(action, std::move(*submission), task_id, callback_path(call.job, call.token), std::move(report));
    co_return CallbackVerdict::taken;
}

asio::awaitable<void> Callbacks::act(CallbackAction action, store::Submission submission, std::string task_id,
                                     std::string path, TaskReport report) {
    const JobId id = submission.job.id;
    switch (action) {
        case CallbackAction::nothing:
            co_return;
        case CallbackAction::conclude:
            co_await conclude(id, std::move(task_id), std::move(report));
            co_return;
        case CallbackAction::adopt:
            co_await adopt(std::move(submission.job), std::move(task_id), std::move(report));
            co_return;
        case CallbackAction::note_stray:
            co_await note_stray(std::move(submission), std::move(task_id));
            co_return;
        case CallbackAction::ask:
            if (submission.job.status == JobStatus::generating) {
                poller_.hint(id.row());
            } else {
                ask_soon(submission.job, std::move(task_id), std::move(path));
            }
            co_return;
    }
}

asio::awaitable<void> Callbacks::adopt(Job job, std::string task_id, TaskReport report) {
    const JobId id = job.id;
    const std::string endpoint = core_.endpoint(upstream::adapter(job.family), job.model);
    co_await submitter_.adopt(std::move(job), task_id, endpoint, true);
    if (is_end(report)) co_await conclude(id, std::move(task_id), std::move(report));
}

asio::awaitable<void> Callbacks::conclude(JobId id, std::string task_id, TaskReport report) {
    const std::int64_t row = id.row();
    if (!poller_.watches(row)) {
        auto job = co_await core_.ports.store.get(id);
        if (!job || job->task_id != task_id) co_return;
        if (store::is_revivable(*job)) {
            if (report.state == TaskState::succeeded) co_await reviver_.revive(std::move(*job), std::move(report));
            co_return;
        }
        if (job->status != JobStatus::generating) co_return;
        if (!poller_.watches(row)) {
            // Its id was stored a moment ago, and who stored it is about to have it watched.
            early_.insert_or_assign(row, Early{std::move(task_id), std::move(report)});
            co_return;
        }
    }
    co_await poller_.told(row, std::move(report));
}

void Callbacks::watched(const Job& job) {
    auto early = early_.extract(job.id.row());
    if (early.empty() || early.mapped().task_id != job.task_id) return;
    core_.work.spawn("early callback", poller_.told(job.id.row(), std::move(early.mapped().report)));
}

asio::awaitable<void> Callbacks::note_stray(store::Submission submission, std::string task_id) {
    const JobId id = submission.job.id;
    const auto noted = co_await core_.ports.store.record_stray_task(id, submission.attempt, task_id);
    if (!noted) co_return;
    core_.metrics.stray_tasks.Increment();
    core_.ports.log.error("an earlier create of this job has made a task too: it is paid for twice",
                          about(submission.job), {{"attempt", submission.attempt}, {"task", task_id}});
}

void Callbacks::ask_soon(const Job& job, std::string task_id, std::string path) {
    const SteadyTime now = core_.ports.clock.now();
    std::erase_if(asked_, [now](const auto& entry) {
        return !entry.second.is_open && entry.second.last && *entry.second.last + ask_pause <= now;
    });
    Asked& asked = asked_[job.id.row()];
    asked.task_id = std::move(task_id);
    asked.path = std::move(path);
    asked.is_wanted = true;
    if (asked.is_open) return;
    asked.is_open = true;
    core_.work.spawn("ask by hint", ask(job));
}

asio::awaitable<void> Callbacks::ask(Job job) {
    const std::int64_t row = job.id.row();
    Asked& asked = asked_.at(row);  // stays where it is while it is open
    struct Leave {
        Asked& asked;
        ~Leave() { asked.is_open = false; }
    } const leave{asked};
    const SteadyTime give_up = core_.ports.clock.now() + ask_for;
    for (int failures = 0; asked.is_wanted;) {
        SteadyTime::duration pause = ask_pause;
        if (failures > 0) {
            pause = std::max(pause, SteadyTime::duration(
                                        polling::after_failed_query(core_.rule(job), failures, core_.ports.random)));
        }
        if (asked.last) co_await core_.ports.clock.sleep_until(*asked.last + pause);
        asked.last = core_.ports.clock.now();
        asked.is_wanted = false;
        const std::string task_id = asked.task_id;
        if (co_await ask_once(job.id, task_id, asked.path)) {
            failures = 0;
        } else if (core_.ports.clock.now() < give_up) {
            // A failed query changes nothing but the next one's time.
            ++failures;
            asked.is_wanted = true;
        } else {
            core_.ports.log.warn("a callback named a task that kie.ai can't be asked for; look it up there", about(job),
                                 {{"task", task_id}});
        }
    }
}

asio::awaitable<bool> Callbacks::ask_once(JobId id, std::string task_id, std::string path) {
    auto job = co_await core_.ports.store.get(id);
    if (!job) co_return job.error().code == errc::not_found;
    if (job->status == JobStatus::generating) poller_.hint(id.row());
    if (!may_be_settled(*job)) co_return true;
    const bool known = !job->task_id.empty();
    if (!known) job->task_id = std::move(task_id);
    const upstream::FamilyAdapter& adapter = upstream::adapter(job->family);
    const std::string endpoint = job->endpoint.empty() ? core_.endpoint(adapter, job->model) : job->endpoint;
    const std::string no_callback;
    const auto exchange = co_await query_once(core_, adapter.query(Core::spec(*job, no_callback), endpoint));
    const auto outcome = upstream::classify_query(exchange, true);
    core_.metrics.request(job->family, "query", to_string(outcome.verdict));
    if (outcome.verdict == upstream::QueryVerdict::rate_limited) {
        core_.rate_limited(core_.query_tokens(), outcome.retry_after);
    }
    if (outcome.verdict != upstream::QueryVerdict::answered || !outcome.envelope->data.is_object()) co_return false;
    if (!known && !upstream::may_be_made_by(job->family, *outcome.envelope, path)) {
        core_.ports.log.warn("a callback named a task that this job's create did not make", about(*job));
        co_return true;
    }
    TaskReport report = adapter.read(Core::spec(*job, no_callback), *outcome.envelope);
    const std::string proven = job->task_id;
    if (known) {
        if (is_end(report)) co_await conclude(id, proven, std::move(report));
    } else {
        co_await adopt(std::move(*job), proven, std::move(report));
    }
    co_return true;
}

}  // namespace genq::engine
