#include "server/engine/submitter.hpp"

#include "common/crypto/sha256.hpp"
#include "server/engine/callback_plan.hpp"

namespace genq::engine {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using upstream::CreateOutcome;
using upstream::CreateVerdict;

namespace {

constexpr auto credits_probe_every = 5min;   // one create may try whether there are credits again
constexpr auto own_cap_probe_every = 10min;  // 433: the key's own cap, which others reset by the hour or day
constexpr auto maintenance_pause = 3min;     // 455
constexpr auto error_backoff = 2s;
constexpr auto longest_error_backoff = 5min;
constexpr auto unreachable_backoff = 1s;

/// kie.ai's upgrade of a video to 1080p makes no task and takes no credits.
bool is_free(const Job& job) {
    return job.model == "veo/1080p";
}

}  // namespace

void Submitter::slot_freed(const std::string& caller) {
    --core_.creates_running;
    core_.creating.erase(core_.creating.find(caller));
    core_.signal.notify();
}

bool Submitter::held_meanwhile() const {
    using enum QueueReason;
    const Breaker::State state = core_.breaker.state();
    if (state == Breaker::State::open) return true;
    if (state == Breaker::State::half_open && core_.creates_running > 1) return true;  // it is not the one that probes
    return core_.holds.has(paused) || core_.holds.has(upstream_auth) || core_.holds.has(storage);
}

asio::awaitable<void> Submitter::submit(Job job, SteadyTime ready_since) {
    Core& core = core_;
    const upstream::FamilyAdapter& adapter = upstream::adapter(job.family);
    const std::int64_t row = job.id.row();
    const std::string caller = job.caller;
    core.metrics.limiter_wait_seconds.Observe(
        std::chrono::duration<double>(core.ports.clock.now() - ready_since).count());

    if (job.sent_until && *job.sent_until <= core.ports.clock.wall_now()) {
        // It waited so long for its turn that kie.ai's copies of its files may be gone.
        core.creates_limit.not_sent();
        (void)co_await core.ports.store.record_stale_input(job.id);
        core.taken.erase(row);
        slot_freed(caller);
        core.queue_touched();
        co_return;
    }
    // The connection stands before the intent is written, so that a wait for it is never mistaken for an intent.
    auto connection = co_await core.ports.transport.connect(core.options.base_url, core.request_deadline());
    if (!connection) {
        core.creates_limit.not_sent();
        core.metrics.request(job.family, "create", "unreachable");
        core.ports.log.warn("a create could not be sent; it will be tried again", about(job),
                            {{"why", connection.error().detail}});
        co_await core.upstream_failed("kie.ai can't be reached: " + connection.error().detail);
        // Nothing was written down yet, so there is nothing to take back; the pause keeps a dead network from spinning.
        co_await core.ports.clock.sleep_until(core.ports.clock.now() + unreachable_backoff);
        core.taken.erase(row);
        slot_freed(caller);
        core.queue_touched();
        co_return;
    }
    if (core.draining || held_meanwhile()) {
        core.creates_limit.not_sent();
        core.taken.erase(row);
        slot_freed(caller);
        core.queue_touched();
        co_return;
    }
    const int attempt = job.attempts + 1;
    store::Intent intent;
    intent.id = job.id;
    intent.attempt = attempt;
    intent.next_since =
        core.wall_in(std::chrono::duration_cast<std::chrono::milliseconds>(ready_since - core.ports.clock.now()));
    const bool calls_back = !core.options.callback_url.empty() && adapter.calls_back(job.model);
    const std::string token = calls_back ? core.ports.random.hex(callback_token_bytes) : std::string();
    if (calls_back) intent.token_sha256 = crypto::sha256_hex(token);
    const auto recorded = co_await core.ports.store.record_intent(intent);
    core.taken.erase(row);
    if (!recorded) {
        core.creates_limit.not_sent();
        slot_freed(caller);
        core.queue_touched();
        if (recorded.error().code == errc::storage_full) {
            co_await core.hold(QueueReason::storage, "the state directory's disk is full: free some space");
        } else if (recorded.error().code != errc::conflict && recorded.error().code != errc::not_found) {
            core.ports.log.error("an intent could not be stored", about(job), {{"error", recorded.error().detail}});
            co_await core.ports.clock.sleep_until(core.ports.clock.now() + unreachable_backoff);
        }
        co_return;
    }
    if (attempt == 1) {
        // What was ready, and has not changed since, became so when it changed last.
        const auto waited = core.ports.clock.wall_now() - job.updated_at;
        core.metrics.queue_wait_seconds.Observe(std::max(std::chrono::duration<double>(waited).count(), 0.0));
    }
    job.attempts = attempt;
    job.calls_back = calls_back;

    const std::string endpoint = core.endpoint(adapter, job.model);
    std::string callback = calls_back ? core.callback_url(job.id, token) : std::string();
    if (callback.empty() && job.family == Family::suno) callback = core.options.placeholder_url;
    const upstream::ApiRequest request = adapter.create(Core::spec(job, callback), endpoint);
    core.ports.log.debug("create sent", about(job), {{"attempt", attempt}});
    core.balance_stale = true;
    core.recent_creates.push_back(core.ports.clock.now());
    const http::Exchange exchange = co_await (*connection)->send(core.api_request(request), core.request_deadline());
    core.settle_token(core.creates_limit, exchange);

    std::optional<CreateOutcome> outcome;
    if (exchange.answer) {
        if (const auto envelope = upstream::read_envelope(*exchange.answer)) {
            outcome = adapter.read_create(Core::spec(job, callback), *envelope);
        }
    }
    if (!outcome) outcome = upstream::classify_create(exchange, core.last_endpoint(adapter, job.model, endpoint));
    core.metrics.request(job.family, "create", to_string(outcome->verdict));
    co_await apply(std::move(job), std::move(*outcome), endpoint);
    slot_freed(caller);
}

asio::awaitable<void> Submitter::apply(Job job, CreateOutcome outcome, std::string endpoint) {
    Core& core = core_;
    const std::string words = outcome.message;
    switch (outcome.verdict) {
        case CreateVerdict::created:
            co_await core.upstream_answered();
            if (core.holds.has(QueueReason::credits)) co_await core.release(QueueReason::credits);
            core.endpoint_worked(upstream::adapter(job.family), job.model, endpoint);
            co_await adopt(std::move(job), outcome.task_id, std::move(endpoint), false);
            co_return;
        case CreateVerdict::rate_limited:
            co_await core.upstream_answered();
            core.rate_limited(core.creates_limit, outcome.retry_after);
            co_await requeue(std::move(job), false, std::nullopt, "kie.ai refused the rate");
            co_return;
        case CreateVerdict::auth:
            co_await core.upstream_answered();
            co_await core.hold(
                QueueReason::upstream_auth,
                outcome.client_refused
                    ? "kie.ai's gateway refuses this client (403): set upstream.user_agent to a browser's"
                    : "kie.ai refuses the API key: check KIE_API_KEY (" + words + ")");
            co_await requeue(std::move(job), false, std::nullopt, "kie.ai refused the key");
            co_return;
        case CreateVerdict::credits:
            co_await core.upstream_answered();
            co_await core.hold(QueueReason::credits,
                               outcome.own_cap ? "the API key's own usage cap is reached: raise it in kie.ai's settings"
                                               : "kie.ai has no credits left: top up at https://kie.ai/pricing",
                               std::nullopt, outcome.own_cap ? own_cap_probe_every : credits_probe_every);
            co_await requeue(std::move(job), false, std::nullopt, "no credits");
            co_return;
        case CreateVerdict::maintenance:
            co_await core.hold(QueueReason::upstream_down, "kie.ai is under maintenance: " + words,
                               core.wall_in(maintenance_pause));
            co_await requeue(std::move(job), false, std::nullopt, "kie.ai is under maintenance");
            co_return;
        case CreateVerdict::rejected:
            co_await core.upstream_answered();
            co_await fail(std::move(job),
                          {JobErrorCode::rejected, "kie.ai refused the request",
                           upstream::advice_for(outcome.code.value_or(422)), outcome.code, words, false},
                          Billed::no);
            co_return;
        case CreateVerdict::server_error: {
            co_await core.upstream_answered();
            const int tries = job.counted_attempts + 1;
            if (tries >= job.max_attempts) {
                co_await fail(std::move(job),
                              {JobErrorCode::attempts_exhausted,
                               "kie.ai answered with an error " + std::to_string(tries) + " times",
                               upstream::advice_for(outcome.code.value_or(500)), outcome.code, words, true},
                              Billed::no);
                co_return;
            }
            const auto wait = polling::full_jitter(error_backoff, longest_error_backoff, tries, core.ports.random);
            co_await requeue(std::move(job), true, wait, "kie.ai answered with an error", false);
            co_return;
        }
        case CreateVerdict::unreachable: {
            co_await core.upstream_failed("kie.ai can't be reached: " + words);
            const auto wait = unreachable_backoff + polling::full_jitter(unreachable_backoff, longest_error_backoff,
                                                                         job.attempts, core.ports.random);
            co_await requeue(std::move(job), false, wait, "kie.ai could not be reached");
            co_return;
        }
        case CreateVerdict::wrong_endpoint:
            core.endpoint_failed(upstream::adapter(job.family), job.model, endpoint);
            co_await requeue(std::move(job), false, std::nullopt, "trying the family's other endpoint");
            co_return;
        case CreateVerdict::unknown:
            co_await core.upstream_failed("kie.ai's answers are lost: " + words);
            co_await unknown(std::move(job), std::move(outcome));
            co_return;
    }
}

asio::awaitable<void> Submitter::requeue(Job job, bool counts, std::optional<std::chrono::milliseconds> wait,
                                         std::string detail, bool proven, store::Lost lost) {
    core_.ports.log.warn("a create made no task; it will be tried again", about(job),
                         {{"attempt", job.attempts}, {"why", detail}, {"in_ms", wait ? wait->count() : 0}});
    store::Requeue requeue;
    requeue.id = job.id;
    requeue.attempt = job.attempts;
    requeue.counts = counts;
    if (wait) requeue.not_before = core_.wall_in(*wait);
    requeue.detail = std::move(detail);
    requeue.proven = proven;
    requeue.lost = lost;
    (void)co_await core_.persist<void>("requeue", about(job),
                                       [this, &requeue] { return core_.ports.store.record_not_created(requeue); });
    core_.queue_touched();
}

asio::awaitable<void> Submitter::fail(Job job, JobError error, Billed billed) {
    store::Failure failure;
    failure.id = job.id;
    failure.error = std::move(error);
    failure.billed = billed;
    failure.attempt = job.attempts;
    co_await core_.fail_job(std::move(job), std::move(failure));
}

asio::awaitable<void> Submitter::adopt(Job job, std::string task_id, std::string endpoint, bool by_callback) {
    store::Submitted submitted;
    submitted.id = job.id;
    submitted.attempt = job.attempts;
    submitted.task_id = task_id;
    submitted.endpoint = endpoint;
    submitted.billed = is_free(job) ? Billed::no : Billed::yes;
    submitted.finds_lost = upstream::adapter(job.family).repeatable(job.model);
    submitted.by_callback = by_callback;
    const SteadyTime now = core_.ports.clock.now();
    const SteadyTime first = core_.planner.first(core_.task(job, now, now), core_.prior(job), core_.query_price());
    submitted.next_poll_at = core_.wall_in(std::chrono::ceil<std::chrono::milliseconds>(first - now));
    const auto stored = co_await core_.persist<void>(
        "task id", about(job), [this, &submitted] { return core_.ports.store.record_submitted(submitted); });
    core_.ports.log.info("job submitted", about(job),
                         {{"attempt", job.attempts}, {"task", task_id}, {"by", by_callback ? "callback" : "answer"}});
    if (!stored) {
        co_await settle_late_answer(std::move(job), std::move(task_id));
        co_return;
    }
    job.status = JobStatus::generating;
    job.step = Step::poll;
    job.task_id = std::move(task_id);
    job.endpoint = std::move(endpoint);
    job.submitted_at = core_.ports.clock.wall_now();
    job.step_at = submitted.next_poll_at;
    job.polls = 0;
    watch_(std::move(job));
}

asio::awaitable<void> Submitter::settle_late_answer(Job job, std::string task_id) {
    const auto now = co_await core_.ports.store.get(job.id);
    if (!now || now->status == JobStatus::canceled || now->status == JobStatus::failed) {
        // It ended while its create was under way: the task runs all the same.
        core_.linger(job, core_.ports.clock.now());
    } else if (now->task_id != task_id) {
        core_.ports.log.error("kie.ai named two tasks for one create", about(job),
                              {{"task", now->task_id}, {"other", task_id}});
        core_.metrics.stray_tasks.Increment();
    }
    // Else a callback was quicker than the create's own answer.
}

asio::awaitable<void> Submitter::unknown(Job job, CreateOutcome outcome) {
    core_.metrics.unknown_creates.Increment();
    core_.ports.log.warn("the answer to a create was lost; it will not be sent again by itself", about(job),
                         {{"attempt", job.attempts}, {"why", outcome.message}});
    const bool repeat = upstream::adapter(job.family).repeatable(job.model);
    if (!repeat) core_.linger(job, core_.ports.clock.now());
    const auto grace = core_.unknown_grace(job);
    if (grace.count() == 0) {
        co_await settle(std::move(job));
        co_return;
    }
    const WallTime settle_at = core_.wall_in(grace);
    (void)co_await core_.persist<void>("unknown outcome", about(job), [this, &job, settle_at] {
        return core_.ports.store.record_unknown(job.id, job.attempts, settle_at);
    });
    settling.emplace(core_.steady(settle_at), job.id.row());
}

asio::awaitable<void> Submitter::settle(Job job) {
    const bool repeat = upstream::adapter(job.family).repeatable(job.model);
    const bool again = core_.options.on_unknown == OnUnknown::resubmit && job.counted_attempts + 1 < job.max_attempts;
    if (repeat || again) {
        const auto wait = polling::full_jitter(error_backoff, longest_error_backoff, job.attempts, core_.ports.random);
        const auto lost = is_free(job) ? store::Lost::nothing : repeat ? store::Lost::task : store::Lost::payment;
        co_await requeue(std::move(job), !repeat, wait,
                         repeat ? "asking again costs nothing" : "sent again: upstream.on_unknown is \"resubmit\"",
                         false, lost);
        co_return;
    }
    co_await fail(
        std::move(job),
        {JobErrorCode::submit_unknown, "the answer to the create was lost, so kie.ai may have made and charged a task",
         "See in kie.ai's own task log whether the task exists; retry with {\"resubmit\":true} pays anew.",
         std::nullopt, "", true},
        Billed::unknown);
}

}  // namespace genq::engine
