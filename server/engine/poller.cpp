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
constexpr auto hint_pause = 10s;  // forged hints must not use up the limit
constexpr auto auth_pause = 30s;

/// When a task had ended that was submitted then, was last seen undone then, and took so long by kie.ai's own clock;
/// nullopt where that is not known, or does not fit what was seen. A task begins at kie.ai a little before we know it.
std::optional<WallTime> ended_at(const Core& core, SteadyTime submitted, SteadyTime last_look,
                                 std::optional<double> took_s) {
    using Seconds = std::chrono::duration<double>;
    constexpr Seconds answer = 2s;
    if (!took_s) return std::nullopt;
    const SteadyTime now = core.ports.clock.now();
    const Seconds ago = (now - submitted) - Seconds(*took_s);
    if (ago < -answer || ago > now - last_look) return std::nullopt;
    return core.wall_in(-std::chrono::duration_cast<std::chrono::milliseconds>(std::max(ago, Seconds(0))));
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
    core_.planner.watch(row, core_.task(job, watched.submitted, watched.last_look), core_.prior(job));
    // What was due while nobody watched, or was asked for by a retry, does not wait for its law.
    if (const SteadyTime due = core_.steady(job.step_at); due <= now) core_.planner.ask_at(row, due);
    watched.job = std::move(job);
    core_.lingering.erase(row);
    watched_.emplace(row, std::move(watched));
    core_.signal.notify();
}

void Poller::drop(std::int64_t row) {
    const auto found = watched_.find(row);
    if (found == watched_.end()) return;
    core_.planner.drop(row);
    watched_.erase(found);
    core_.signal.notify();
}

std::int64_t Poller::running(std::string_view caller) const {
    return std::ranges::count_if(watched_, [caller](const auto& entry) { return entry.second.job.caller == caller; });
}

void Poller::forget(std::int64_t row) {
    const auto found = watched_.find(row);
    if (found == watched_.end()) return;
    core_.linger(found->second.job, found->second.submitted);
    core_.planner.gave_up(row);
    drop(row);
}

std::optional<SteadyTime> Poller::next_due(SteadyTime now) {
    const auto next = core_.planner.next(now, core_.query_price());
    return next ? std::optional(next->at) : std::nullopt;
}

std::optional<std::int64_t> Poller::take_due(SteadyTime now) {
    const auto next = core_.planner.next(now, core_.query_price());
    if (!next || next->at > now) return std::nullopt;
    core_.planner.asking(next->id);
    return next->id;
}

asio::awaitable<void> Poller::record_plan(std::int64_t row) {
    if (!core_.planner.watches(row)) co_return;
    const Job& job = watched_.at(row).job;
    const SteadyTime due = core_.planner.due(row, core_.query_price());
    core_.signal.notify();
    store::Polled polled;
    polled.id = job.id;
    polled.upstream_state = job.upstream_state;
    polled.next_poll_at = core_.wall_in(std::chrono::ceil<std::chrono::milliseconds>(due - core_.ports.clock.now()));
    (void)co_await core_.ports.store.record_poll(polled);
}

asio::awaitable<void> Poller::told(std::int64_t row, TaskReport report) {
    if (!core_.planner.watches(row)) co_return;
    if (report.state == TaskState::failed) {
        co_await failed(row, std::move(report), false);
    } else {
        co_await succeeded(row, std::move(report), false);
    }
}

void Poller::hint(std::int64_t row) {
    const auto found = watched_.find(row);
    // What has ended, and is being written down, is planned for no more.
    if (found == watched_.end() || !core_.planner.watches(row)) return;
    if (core_.planner.is_asking(row) || Core::asked_slowly(found->second.job)) return;
    Watched& watched = found->second;
    const SteadyTime when = std::max(core_.ports.clock.now(), watched.hinted + hint_pause);
    if (when >= core_.planner.due(row, core_.query_price())) return;
    watched.hinted = when;
    core_.planner.ask_at(row, when);
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
    core_.recent_queries.push_back(core_.ports.clock.now());
    core_.settle_token(core_.query_tokens(), exchange);
    // A job may have been canceled, and even retried, while its query was under way.
    if (!core_.planner.watches(row)) co_return;
    const auto outcome = upstream::classify_query(exchange, true);
    static constexpr std::array<std::string_view, 6> names{"answered",    "rate_limited", "auth",
                                                           "not_visible", "failed",       "wrong_endpoint"};
    core_.metrics.request(job.family, "query", names[static_cast<std::size_t>(outcome.verdict)]);
    co_await apply(row, outcome);
}

asio::awaitable<void> Poller::apply(std::int64_t row, upstream::QueryOutcome outcome) {
    Watched& watched = watched_.at(row);
    const SteadyTime now = core_.ports.clock.now();
    const SteadyTime::duration age = now - watched.submitted;
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
            core_.planner.failed(row, now, 0ms);
            break;
        case QueryVerdict::auth:
            core_.planner.failed(row, now, auth_pause);
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
            core_.planner.failed(row, now, 0ms);
            break;
        case QueryVerdict::failed:
            ++watched.failures;
            core_.planner.failed(
                row, now, polling::after_failed_query(core_.rule(watched.job), watched.failures, core_.ports.random));
            break;
    }
    if (!core_.planner.watches(row)) co_return;  // it has ended meanwhile
    if (now > watched_.at(row).give_up) {
        co_await timed_out(row);
        co_return;
    }
    co_await record_plan(row);
}

asio::awaitable<void> Poller::report(std::int64_t row, TaskReport report) {
    Watched& watched = watched_.at(row);
    const Job& job = watched.job;
    const SteadyTime now = core_.ports.clock.now();
    if (!report.known_word) {
        core_.ports.log.warn("kie.ai sent a state word that is not known; taken as pending", about(job),
                             {{"family", to_string(job.family)}, {"word", report.word}});
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
    watched.job.upstream_state = report.word;
    if (report.reread) {
        core_.planner.ask_at(row, now + reread_wait);
    } else {
        core_.planner.looked(row, now);
    }
    co_await record_plan(row);
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
    // Who is called knows the moment; who asks, that it lies between two looks.
    const double age = std::chrono::duration<double>(now - watched.submitted).count();
    const auto ended = ended_at(core_, watched.submitted, watched.last_look, report.took_s);
    core_.planner.finished(row, now, report.took_s ? report.took_s : polled ? std::nullopt : std::optional(age));
    store::Generated generated = Core::generated(job.id, std::move(report));
    generated.polled = polled;
    generated.ended_at = ended;
    generated.learnt = {job.model, polling::write(core_.planner.book().durations(job.model))};
    const bool files = !generated.outputs.empty();
    const auto stored = co_await core_.persist<void>(
        "result", about(job), [this, &generated] { return core_.ports.store.record_generated(generated); });
    drop(row);
    if (!stored) co_return;
    core_.ports.log.info("job generated", about(job), {{"outputs", generated.outputs.size()}});
    if (files) {
        generated_(job.id);
    } else {
        core_.job_ended();
    }
}

asio::awaitable<void> Poller::failed(std::int64_t row, TaskReport report, bool polled) {
    const Watched& watched = watched_.at(row);
    const Job job = watched.job;
    const auto ended = ended_at(core_, watched.submitted, watched.last_look, report.took_s);
    core_.planner.gave_up(row);
    if (report.passing && job.generation_tries < job.generation_retries) {
        const auto wait = polling::full_jitter(2s, 5min, job.generation_tries, core_.ports.random);
        const WallTime not_before = core_.wall_in(wait);
        const std::string detail = "the generation failed in passing: " + report.fail_message;
        (void)co_await core_.persist<void>("new generation", about(job), [this, &job, not_before, &report, &detail] {
            return core_.ports.store.record_new_generation(job.id, not_before, report.credits, detail);
        });
        core_.ports.log.warn("a generation failed in passing; a new one is asked for", about(job),
                             {{"try", job.generation_tries + 1}, {"in_ms", wait.count()}});
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
    failure.polled = polled;
    failure.ended_at = ended;
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
    failure.late_look_at = core_.wall_in(late_look_every);
    co_await core_.fail_job(job, std::move(failure));
    core_.late_dirty = true;
    forget(row);
}

}  // namespace genq::engine
