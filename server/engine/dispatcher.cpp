#include "server/engine/dispatcher.hpp"

#include "common/core/check.hpp"

namespace genq::engine {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr auto rates_over = 5min;
constexpr auto look_again = 1s;
constexpr auto count_every = 1s;
constexpr int most_counted = 1'000;
/// What makes more of a finished video is in less of a hurry than what makes one (DESIGN.md, "The limiter").
constexpr std::array<std::string_view, 2> upgrades{"veo/1080p", "veo/4k"};

/// Events a minute in the last five.
double per_minute(std::deque<SteadyTime>& times, SteadyTime now) {
    while (!times.empty() && now - times.front() > rates_over) times.pop_front();
    return static_cast<double>(times.size()) / 5.0;
}

}  // namespace

asio::awaitable<void> Dispatcher::run() {
    while (!core_.draining) {
        co_await housekeeper_.run();
        const SteadyTime now = core_.ports.clock.now();
        bool started = start_downloads(now);
        if (co_await uploader_.start(!gate(now).open)) started = true;
        if (auto full = full_callers(); full != passed_over_) {
            // Who was passed over may have room again.
            passed_over_ = std::move(full);
            core_.maybe_ready = true;
        }
        co_await count_waiting(now);
        // Under a backlog no token is ever left over, and then the balance matters most.
        if (housekeeper_.balance_overdue(now) && start_balance_look(now)) started = true;
        // Queries and creates take turns while both want the next token.
        if (query_had_last_) {
            const bool create = co_await start_create(now);
            const bool query = !create && start_query(now);
            if (create) query_had_last_ = false;
            started = started || create || query;
        } else {
            const bool query = start_query(now);
            const bool create = !query && co_await start_create(now);
            if (query) query_had_last_ = true;
            started = started || create || query;
        }
        if (!started) {
            co_await late_watch_.refresh();
            started = start_late_look(now) || start_balance_look(now);
        }
        if (started) continue;
        co_await publish();
        const SteadyTime wake = next_wake(core_.ports.clock.now());
        const bool notified = co_await core_.signal.wait_until(wake);
        if (!notified && wake != SteadyTime::max()) {
            core_.metrics.loop_lag_seconds.Set(std::chrono::duration<double>(core_.ports.clock.now() - wake).count());
        }
    }
}

bool Dispatcher::start_query(SteadyTime now) {
    if (core_.query_tokens().free(now) == 0) return false;
    const auto row = poller_.take_due(now);
    if (!row) return false;
    GENQ_CHECK(core_.query_tokens().take(now));
    core_.work.spawn("query", poller_.query(*row));
    return true;
}

bool Dispatcher::start_downloads(SteadyTime now) {
    bool started = false;
    while (const auto id = downloader_.take_due(now)) {
        core_.work.spawn("download", downloader_.run(*id));
        started = true;
    }
    return started;
}

bool Dispatcher::slots_full() const {
    const std::size_t used = poller_.size() + static_cast<std::size_t>(core_.creates_running) + core_.lingering.size();
    return used >= static_cast<std::size_t>(core_.options.max_concurrent_tasks);
}

std::set<std::string> Dispatcher::full_callers() const {
    std::set<std::string> full;
    for (const auto& [caller, most] : core_.options.max_running) {
        const auto creates = static_cast<std::int64_t>(core_.creating.count(caller));
        if (poller_.running(caller) + creates >= most) full.insert(caller);
    }
    return full;
}

HoldBook::Gate Dispatcher::gate(SteadyTime now) const {
    return core_.holds.gate(now, core_.breaker.state() == Breaker::State::half_open);
}

bool Dispatcher::create_waits(SteadyTime now) const {
    const HoldBook::Gate open = gate(now);
    const bool one_probes = open.single && core_.creates_running > 0;
    return core_.maybe_ready && open.open && !one_probes && !slots_full();
}

asio::awaitable<void> Dispatcher::count_waiting(SteadyTime now) {
    if (!create_waits(now)) {
        core_.creates_waiting = 0;
        co_return;
    }
    // Only the price of queries wants to know, and not to the job.
    if (poller_.size() == 0 || now < counted_at_ + count_every) co_return;
    counted_at_ = now;
    const auto ready = co_await core_.ports.store.count_ready(core_.holds.paused_models(), most_counted);
    if (ready) core_.creates_waiting = *ready;
}

bool Dispatcher::start_late_look(SteadyTime now) {
    const auto due = late_watch_.next_due();
    if (!due || *due > now || !core_.query_tokens().take(now)) return false;
    late_watch_.begin();
    core_.work.spawn("late look", late_watch_.look());
    return true;
}

bool Dispatcher::start_balance_look(SteadyTime now) {
    const auto due = housekeeper_.balance_due();
    if (!due || *due > now || !core_.query_tokens().take(now)) return false;
    housekeeper_.look_at_balance();
    return true;
}

asio::awaitable<Result<std::optional<Job>>> Dispatcher::pick(bool probes_credits) {
    store::PassedOver all{core_.holds.paused_models(), core_.taken, full_callers()};
    // The cheapest tries whether there are credits again: it goes through first.
    if (probes_credits) co_return co_await core_.ports.store.cheapest_ready(std::move(all));
    auto without_upgrades = all;
    for (const auto upgrade : upgrades) without_upgrades.models.emplace(upgrade);
    auto job = co_await core_.ports.store.next_ready(last_caller_, std::move(without_upgrades));
    if (!job || *job) co_return job;
    co_return co_await core_.ports.store.next_ready(last_caller_, std::move(all));
}

asio::awaitable<bool> Dispatcher::start_create(SteadyTime now) {
    const HoldBook::Gate open = gate(now);
    if (!core_.maybe_ready || !open.open || slots_full() || core_.creates_limit.free(now) == 0) co_return false;
    if (open.single && core_.creates_running > 0) co_return false;
    // Set before the question: a job that arrives while it is asked sets it back.
    core_.maybe_ready = false;
    auto job = co_await pick(open.single && core_.holds.has(QueueReason::credits));
    if (!job) {
        core_.ports.log.error("the queue could not be read", {{"error", job.error().detail}});
        core_.maybe_ready = true;
        co_await core_.ports.clock.sleep_until(core_.ports.clock.now() + look_again);
        co_return false;
    }
    if (!*job) {
        ready_since_.reset();
        co_return false;
    }
    core_.maybe_ready = true;
    // The query may have changed what was free: another coroutine ran meanwhile.
    if (core_.draining || slots_full() || !core_.creates_limit.take(core_.ports.clock.now())) co_return false;
    if (open.single) core_.holds.probed(core_.ports.clock.now());
    last_caller_ = (*job)->caller;
    core_.taken.insert((*job)->id.row());
    ++core_.creates_running;
    core_.creating.insert((*job)->caller);
    const SteadyTime since = ready_since_.value_or(now);
    ready_since_ = core_.ports.clock.now();
    core_.creates.spawn("create", submitter_.submit(std::move(**job), since));
    co_return true;
}

SteadyTime Dispatcher::next_wake(SteadyTime now) {
    SteadyTime wake = housekeeper_.next();
    const auto sooner = [&wake](std::optional<SteadyTime> at) {
        if (at) wake = std::min(wake, *at);
    };
    limiter::WindowLimiter& tokens = core_.query_tokens();
    if (const auto token = tokens.next_free(now)) {
        const auto due = poller_.next_due(now);
        // With each token that comes back the price falls, and what was not worth it may be.
        if (due) sooner(std::max(*token, std::min(*due, now + tokens.next_back(now))));
    }
    if (const auto due = late_watch_.next_due()) {
        const auto token = core_.query_tokens().next_free(now);
        if (token) sooner(std::max(*due, *token));
    }
    if (const auto due = housekeeper_.balance_due()) {
        const auto token = core_.query_tokens().next_free(now);
        if (token) sooner(std::max(*due, *token));
    }
    sooner(downloader_.next_due());
    if (gate(now).open) sooner(uploader_.next_due());
    if (create_waits(now)) sooner(core_.creates_limit.next_free(now));
    return wake;
}

std::shared_ptr<const Snapshot> Dispatcher::snapshot() const {
    const std::lock_guard lock(snapshot_mutex_);
    return snapshot_;
}

asio::awaitable<void> Dispatcher::publish() {
    const SteadyTime now = core_.ports.clock.now();
    const HoldBook::Gate open = gate(now);
    auto next = std::make_shared<Snapshot>();
    next->holds = core_.holds.all();
    if (!open.open) {
        next->reason = open.reason;
        next->reason_detail = open.detail;
    } else if (slots_full()) {
        next->reason = QueueReason::concurrency;
        next->reason_detail = std::to_string(core_.options.max_concurrent_tasks) + " tasks run already";
    } else {
        next->reason = QueueReason::rate_limit;
        next->reason_detail = "waits for its turn within " + std::to_string(core_.creates_limit.limit()) +
                              " requests per " + std::to_string(core_.creates_limit.window() / 1s) + " s";
    }
    const auto models = core_.holds.paused_models();
    next->paused_models.assign(models.begin(), models.end());
    next->full_callers.assign(passed_over_.begin(), passed_over_.end());
    next->last_caller = last_caller_;
    next->limit = core_.creates_limit.limit();
    next->tokens_free = core_.creates_limit.free(now);
    next->window = core_.creates_limit.window();
    if (next->tokens_free == 0) {
        if (const auto at = core_.creates_limit.next_free(now)) {
            next->next_token_in = std::chrono::ceil<std::chrono::milliseconds>(*at - now);
        }
    }
    next->token_returns = core_.creates_limit.returns(now);
    next->tasks_running = static_cast<int>(poller_.size());
    next->max_tasks = core_.options.max_concurrent_tasks;
    next->downloads_running = static_cast<int>(downloader_.running());
    next->durations = core_.planner.book().laws();
    next->creates_per_minute = per_minute(core_.recent_creates, now);
    const double queries_per_minute = per_minute(core_.recent_queries, now);
    if (core_.options.scope == LimitScope::create) {
        next->queries_per_create = 0;
    } else if (next->creates_per_minute > 0) {
        next->queries_per_create = queries_per_minute / next->creates_per_minute;
    }
    // Only who estimates when a waiting job starts wants to know.
    if (core_.maybe_ready) next->mean_task_s = core_.planner.mean_task_s();
    next->finished_per_minute = per_minute(core_.recent_finishes, now);
    next->credits = core_.balance;
    next->credits_at = core_.balance_at;
    next->upstream_ok = std::ranges::all_of(next->holds, [](const store::Hold& hold) {
        return hold.reason == QueueReason::paused || hold.reason == QueueReason::storage;
    });

    core_.metrics.tokens_free.Set(next->tokens_free);
    core_.metrics.tokens_limit.Set(next->limit);
    core_.metrics.tasks_running.Set(next->tasks_running);
    core_.metrics.downloads_running.Set(next->downloads_running);

    const auto before = snapshot();
    const bool changed = before->reason != next->reason || before->paused_models != next->paused_models ||
                         before->full_callers != next->full_callers;
    if (changed) {
        // On disk first: the epoch is part of versions that readers keep, and must not go back with a crash.
        const auto stored = co_await core_.ports.store.set_fact("queue_epoch", std::to_string(core_.queue_epoch + 1));
        if (stored) ++core_.queue_epoch;
    }
    next->queue_epoch = core_.queue_epoch;
    {
        const std::lock_guard lock(snapshot_mutex_);
        snapshot_ = std::move(next);
    }
    if (changed && core_.ports.queue_changed) core_.ports.queue_changed();
}

}  // namespace genq::engine
