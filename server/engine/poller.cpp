#include "server/engine/poller.hpp"

namespace genq::engine {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using upstream::QueryVerdict;
using upstream::TaskReport;
using upstream::TaskState;

namespace {

constexpr auto visibility_grace = 90s;  // a task is often not visible right after its create (kie.ai, "Polling")
constexpr int invisible_to_fail = 5;    // and after that it takes this many answers in a row to believe it
constexpr int most_rereads = 4;         // of a "success" without a usable result
constexpr auto reread_wait = 5s;
constexpr auto hint_pause = 10s;        // forged hints must not use up the limit
constexpr auto slow_query_floor = 30s;  // veo/1080p and veo/4k: ask again after 20–30 s (kie.ai, "Get 4K video")

std::chrono::milliseconds floor_for(const Job& job) {
    return job.model == "veo/1080p" || job.model == "veo/4k" ? slow_query_floor : 0s;
}

}  // namespace

void Poller::watch(Job job) {
    const SteadyTime now = core_.ports.clock.now();
    const std::int64_t row = job.id.row();
    if (watched_.contains(row)) drop(row);
    Watched watched;
    watched.submitted = job.submitted_at ? std::min(now, core_.steady(*job.submitted_at)) : now;
    watched.give_up = watched.submitted + core_.longest_wait(job);
    watched.last_look = job.last_polled_at ? std::min(now, core_.steady(*job.last_polled_at)) : watched.submitted;
    watched.due = std::max(now, core_.steady(job.step_at));
    watched.queries = job.polls;
    watched.job = std::move(job);
    core_.lingering.erase(row);
    due_.emplace(watched.due, row);
    watched_.emplace(row, std::move(watched));
    core_.signal.notify();
}

void Poller::drop(std::int64_t row) {
    const auto found = watched_.find(row);
    if (found == watched_.end()) return;
    due_.erase({found->second.due, row});
    watched_.erase(found);
    core_.signal.notify();
}

void Poller::forget(std::int64_t row) {
    const auto found = watched_.find(row);
    if (found == watched_.end()) return;
    core_.linger(found->second.job, found->second.submitted);
    drop(row);
}

std::optional<SteadyTime> Poller::next_due() const {
    if (due_.empty()) return std::nullopt;
    return due_.begin()->first;
}

std::optional<std::int64_t> Poller::take_due(SteadyTime now) {
    if (due_.empty() || due_.begin()->first > now) return std::nullopt;
    const std::int64_t row = due_.begin()->second;
    due_.erase(due_.begin());
    watched_.at(row).asking = true;
    return row;
}

void Poller::ask_again(Watched& watched, std::chrono::milliseconds wait) {
    const std::int64_t row = watched.job.id.row();
    due_.erase({watched.due, row});
    watched.asking = false;
    watched.due = core_.ports.clock.now() + std::max(wait, floor_for(watched.job));
    due_.emplace(watched.due, row);
    core_.signal.notify();
}

asio::awaitable<void> Poller::told(std::int64_t row, TaskReport report) {
    if (!watched_.contains(row)) co_return;
    if (report.state == TaskState::failed) {
        co_await failed(row, std::move(report));
    } else {
        co_await succeeded(row, std::move(report), false);
    }
}

void Poller::hint(std::int64_t row) {
    const auto found = watched_.find(row);
    if (found == watched_.end() || found->second.asking || floor_for(found->second.job) > 0s) return;
    Watched& watched = found->second;
    const SteadyTime when = std::max(core_.ports.clock.now(), watched.hinted + hint_pause);
    if (when >= watched.due) return;
    due_.erase({watched.due, row});
    watched.hinted = watched.due = when;
    due_.emplace(watched.due, row);
    core_.signal.notify();
}

asio::awaitable<void> Poller::query(std::int64_t row) {
    const auto found = watched_.find(row);
    if (found == watched_.end()) {
        core_.query_tokens().not_sent();
        co_return;
    }
    const Job job = found->second.job;
    const upstream::FamilyAdapter& adapter = upstream::adapter(job.family);
    const std::string endpoint = job.endpoint.empty() ? core_.endpoint(adapter, job.model) : job.endpoint;
    const std::string callback;
    const http::Exchange exchange = co_await core_.ports.transport.send(
        core_.api_request(adapter.query(Core::spec(job, callback), endpoint)), core_.request_deadline());
    core_.settle_token(core_.query_tokens(), exchange);
    // A job may have been canceled, and even retried, while its query was under way.
    if (!watched_.contains(row)) co_return;
    const auto outcome = upstream::classify_query(exchange, true);
    static constexpr std::array<std::string_view, 6> names{"answered",    "rate_limited", "auth",
                                                           "not_visible", "failed",       "wrong_endpoint"};
    core_.metrics.request(job.family, "query", names[static_cast<std::size_t>(outcome.verdict)]);
    co_await apply(row, outcome);
}

asio::awaitable<void> Poller::apply(std::int64_t row, upstream::QueryOutcome outcome) {
    Watched& watched = watched_.at(row);
    ++watched.queries;
    const SteadyTime now = core_.ports.clock.now();
    const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(now - watched.submitted);
    const auto normal = core_.query_wait(
        watched.job, age, polling::next_query_in(core_.rule(watched.job), age, watched.queries, core_.ports.random));
    switch (outcome.verdict) {
        case QueryVerdict::answered: {
            watched.failures = 0;
            watched.invisible = 0;
            const std::string callback;
            TaskReport read =
                upstream::adapter(watched.job.family).read(Core::spec(watched.job, callback), *outcome.envelope);
            co_await report(row, std::move(read));
            co_return;
        }
        case QueryVerdict::rate_limited:
            core_.rate_limited(core_.query_tokens(), outcome.retry_after);
            ask_again(watched, normal);
            break;
        case QueryVerdict::auth:
            ask_again(watched, std::max<std::chrono::milliseconds>(normal, 30s));
            co_await core_.hold(QueueReason::upstream_auth,
                                "kie.ai refuses the API key: check KIE_API_KEY (" + outcome.message + ")");
            break;
        case QueryVerdict::not_visible:
        case QueryVerdict::wrong_endpoint:
            ++watched.invisible;
            if (age > visibility_grace && watched.invisible >= invisible_to_fail) {
                TaskReport gone;
                gone.state = TaskState::failed;
                gone.word = "unknown task";
                gone.fail_message = "kie.ai does not know the task: " + outcome.message;
                co_await failed(row, std::move(gone));
                co_return;
            }
            ask_again(watched, normal);
            break;
        case QueryVerdict::failed:
            ++watched.failures;
            ask_again(watched,
                      polling::after_failed_query(core_.rule(watched.job), watched.failures, core_.ports.random));
            break;
    }
    const auto found = watched_.find(row);
    if (found == watched_.end()) co_return;
    if (now > found->second.give_up) {
        co_await timed_out(row);
        co_return;
    }
    store::Polled polled;
    polled.id = found->second.job.id;
    polled.upstream_state = found->second.job.upstream_state;
    polled.next_poll_at = core_.wall_in(std::chrono::ceil<std::chrono::milliseconds>(found->second.due - now));
    (void)co_await core_.ports.store.record_poll(polled);
}

asio::awaitable<void> Poller::report(std::int64_t row, TaskReport report) {
    Watched& watched = watched_.at(row);
    const Job& job = watched.job;
    const SteadyTime now = core_.ports.clock.now();
    if (!report.known_word) {
        core_.ports.log.warn("kie.ai sent a state word that is not known; taken as pending",
                             {{"job", job.id.text()}, {"family", to_string(job.family)}, {"word", report.word}});
    }
    if (report.state == TaskState::failed) {
        co_await failed(row, std::move(report));
        co_return;
    }
    if (report.state == TaskState::succeeded && !report.reread) {
        co_await succeeded(row, std::move(report));
        co_return;
    }
    if (report.reread && ++watched.rereads > most_rereads) {
        report.fail_message = "kie.ai says that the task is done, but shows no output (" + report.word + ")";
        co_await failed(row, std::move(report));
        co_return;
    }
    const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(now - watched.submitted);
    if (now > watched.give_up) {
        // What is there by now is better than nothing: Suno's first track when the second never comes.
        if (report.outputs.empty()) {
            co_await timed_out(row);
        } else {
            co_await succeeded(row, std::move(report));
        }
        co_return;
    }
    watched.last_look = now;
    const auto normal =
        core_.query_wait(job, age, polling::next_query_in(core_.rule(job), age, watched.queries, core_.ports.random));
    const auto wait = report.reread ? std::chrono::milliseconds(reread_wait) : normal;
    watched.job.upstream_state = report.word;
    ask_again(watched, wait);
    store::Polled polled;
    polled.id = job.id;
    polled.upstream_state = report.word;
    polled.next_poll_at = core_.wall_in(std::chrono::ceil<std::chrono::milliseconds>(watched.due - now));
    (void)co_await core_.ports.store.record_poll(polled);
}

asio::awaitable<void> Poller::succeeded(std::int64_t row, TaskReport report, bool polled) {
    const Watched& watched = watched_.at(row);
    const Job job = watched.job;
    const SteadyTime now = core_.ports.clock.now();
    if (polled) {
        core_.metrics.detection_lag_seconds.Observe(std::chrono::duration<double>(now - watched.last_look).count());
        core_.callbacks_missed += job.calls_back ? 1 : 0;
    }
    core_.metrics.generated(job, std::chrono::duration<double>(now - watched.submitted).count());
    if (report.credits) core_.metrics.credits_used.Increment(*report.credits);
    store::Generated generated;
    generated.id = job.id;
    generated.upstream_state = report.word;
    generated.outputs = std::move(report.outputs);
    generated.result = std::move(report.result);
    generated.credits = report.credits;
    generated.polled = polled;
    const bool files = !generated.outputs.empty();
    const auto stored = co_await core_.persist<void>(
        "result", job.id, [this, &generated] { return core_.ports.store.record_generated(generated); });
    drop(row);
    if (!stored) co_return;
    core_.ports.log.info("job generated", {{"job", job.id.text()}, {"outputs", generated.outputs.size()}});
    if (files) {
        generated_(job.id);
    } else {
        core_.metrics.job_finished(job, "succeeded");
        core_.recent_finishes.push_back(core_.ports.clock.now());
    }
}

asio::awaitable<void> Poller::failed(std::int64_t row, TaskReport report) {
    const Job job = watched_.at(row).job;
    if (report.passing && job.generation_tries < job.generation_retries) {
        const auto wait = polling::full_jitter(2s, 5min, job.generation_tries, core_.ports.random);
        const WallTime not_before = core_.wall_in(wait);
        const std::string detail = "the generation failed in passing: " + report.fail_message;
        (void)co_await core_.persist<void>("new generation", job.id, [this, &job, not_before, &detail] {
            return core_.ports.store.record_new_generation(job.id, not_before, detail);
        });
        drop(row);
        core_.queue_touched();
        co_return;
    }
    store::Failure failure;
    failure.id = job.id;
    failure.upstream_state = report.word;
    failure.error = {JobErrorCode::generation_failed,
                     "kie.ai could not generate this",
                     upstream::advice_for(report.fail_code.value_or(501)),
                     report.fail_code,
                     report.fail_message,
                     report.passing};
    failure.billed = report.credits.value_or(0) > 0 ? Billed::yes : Billed::no;
    failure.credits = report.credits;
    co_await core_.fail_job(job, std::move(failure));
    drop(row);
}

asio::awaitable<void> Poller::timed_out(std::int64_t row) {
    const Job job = watched_.at(row).job;
    const auto waited = std::chrono::duration_cast<std::chrono::seconds>(core_.longest_wait(job));
    store::Failure failure;
    failure.id = job.id;
    failure.error = {JobErrorCode::generation_timeout,
                     "no result within " + std::to_string(waited.count()) + " s; the task may still finish at kie.ai",
                     "retry goes on asking for the same task and pays nothing",
                     std::nullopt,
                     "",
                     true};
    co_await core_.fail_job(job, std::move(failure));
    forget(row);
}

}  // namespace genq::engine
