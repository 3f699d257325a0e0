#include "server/engine/engine.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/async/enter.hpp"
#include "common/core/rfc3339.hpp"
#include "server/engine/callbacks.hpp"
#include "server/engine/core.hpp"
#include "server/engine/dispatcher.hpp"
#include "server/engine/downloader.hpp"
#include "server/engine/housekeeper.hpp"
#include "server/engine/late_watch.hpp"
#include "server/engine/poller.hpp"
#include "server/engine/recovery.hpp"
#include "server/engine/restore.hpp"
#include "server/engine/reviver.hpp"
#include "server/engine/submitter.hpp"

namespace genq::engine {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {
constexpr auto balance_lifetime = 30s;  // API.md: GET /v1/credits is at most that old
constexpr auto second_look = 50ms;
}  // namespace

struct Engine::Impl {
    Impl(const asio::any_io_executor& io, Ports ports, Options options)
        : core(io, std::move(ports), std::move(options)),
          downloader(core),
          poller(core, [this](JobId id) { downloader.add(id, core.ports.clock.now()); }),
          reviver(core, [this](JobId id) { downloader.add(id, core.ports.clock.now()); }),
          submitter(core, [this](Job job) { watch(std::move(job)); }),
          callbacks(core, submitter, poller, reviver),
          housekeeper(core, submitter, poller, downloader),
          late_watch(core, reviver),
          uploader(core),
          dispatcher(core, uploader, submitter, poller, downloader, housekeeper, late_watch),
          loop(core.strand, [this](const std::string&, const std::exception_ptr& error) { loop_ended(error); }) {}

    Core core;
    Downloader downloader;
    Poller poller;
    Reviver reviver;
    Submitter submitter;
    Callbacks callbacks;
    Housekeeper housekeeper;
    LateWatch late_watch;
    Uploader uploader;
    Dispatcher dispatcher;
    async::TaskGroup loop;  // the dispatcher alone

    void loop_ended(const std::exception_ptr& error) {
        // Without its dispatcher the daemon would accept jobs and never run them: rather end, and let systemd restart.
        std::rethrow_exception(error);
    }

    void watch(Job job) {
        const Job watched = job;
        poller.watch(std::move(job));
        callbacks.watched(watched);
    }

    /// The store answers get() in the order of the calls, so what was read last is acted on last.
    asio::awaitable<void> changed(JobId id) {
        const auto job = co_await core.ports.store.get(id);
        const std::int64_t row = id.row();
        if (!job || is_terminal(job->status)) {
            poller.forget(row);
            downloader.forget(row);
        } else if (job->step == Step::poll && !poller.watches(row)) {
            watch(*job);
        } else if (job->step == Step::download && !downloader.waits(row)) {
            downloader.add(id, core.ports.clock.now());
        }
        core.queue_touched();
    }

    asio::awaitable<Result<void>> pause(PauseRequest request) {
        // It would take the place of the restored state's hold, which must not end by itself.
        if (core.restored && request.model.empty()) co_return fail(errc::conflict, std::string(waits_for_release));
        store::Hold hold;
        hold.reason = QueueReason::paused;
        hold.model = request.model;
        hold.detail = request.reason;
        hold.since = core.ports.clock.wall_now();
        hold.until = request.until;
        // Durable first: a pause that was answered must outlive a crash.
        if (auto stored = co_await core.ports.store.set_hold(hold); !stored) co_return stored;
        core.holds.set(hold, core.ports.clock.now());
        core.ports.log.info("submissions paused", {{"model", request.model}});
        co_await dispatcher.publish();
        core.signal.notify();
        co_return Result<void>{};
    }

    asio::awaitable<Result<void>> resume(std::string model) {
        if (core.restored && model.empty()) co_return fail(errc::conflict, std::string(waits_for_release));
        for (const store::Hold& hold : core.holds.all()) {
            if (!model.empty() && (hold.model != model || hold.reason != QueueReason::paused)) continue;
            co_await core.release(hold.reason, hold.model);
            if (hold.reason == QueueReason::upstream_down) core.breaker.close();
        }
        co_await dispatcher.publish();
        core.queue_touched();
        co_return Result<void>{};
    }

    asio::awaitable<Result<void>> release_restored(bool fail_queued) {
        if (!core.restored) co_return fail(errc::conflict, "no restored state waits for its release");
        if (auto released = co_await engine::release_restored(core, fail_queued); !released) co_return released;
        co_return co_await resume("");
    }

    asio::awaitable<void> stop(std::chrono::milliseconds grace) {
        core.draining = true;
        core.signal.notify();
        core.work.cancel();
        co_await loop.join();
        const SteadyTime end = core.ports.clock.now() + grace;
        while (core.creates.size() > 0 && core.ports.clock.now() < end) {
            // A create frees its slot, and says so, a moment before its coroutine has ended: hence the second look.
            (void)co_await core.signal.wait_until(std::min(end, core.ports.clock.now() + second_look));
        }
        core.creates.cancel();
        co_await core.creates.join();
        co_await core.work.join();
        // All requests are answered or given up: a start from here on knows how long ago the last one was.
        const auto stored =
            co_await core.ports.store.set_fact("stopped_at", std::to_string(to_ms(core.ports.clock.wall_now())));
        if (!stored)
            core.ports.log.error("the time of the stop could not be stored", {{"error", stored.error().detail}});
    }

    asio::awaitable<Result<double>> credits() {
        const WallTime now = core.ports.clock.wall_now();
        if (core.balance && now - *core.balance_at < balance_lifetime && now >= *core.balance_at) {
            co_return *core.balance;
        }
        auto balance = co_await housekeeper.ask_credits();
        co_await dispatcher.publish();
        co_return balance;
    }
};

namespace {

/// Runs a member's coroutine on the engine strand and brings its value back to the caller's executor.
template <class T>
asio::awaitable<T> on_strand(asio::any_io_executor strand, asio::awaitable<T> task) {
    co_return co_await asio::co_spawn(strand, std::move(task), asio::use_awaitable);
}

}  // namespace

Engine::Engine(const asio::any_io_executor& io, Ports ports, Options options)
    : impl_(std::make_shared<Impl>(io, std::move(ports), std::move(options))) {}

Engine::~Engine() = default;

asio::awaitable<Result<void>> Engine::start() {
    auto recovered = co_await on_strand(impl_->core.strand,
                                        recover(impl_->core, impl_->submitter, impl_->poller, impl_->downloader));
    if (!recovered) co_return recovered;
    co_await on_strand(impl_->core.strand, impl_->dispatcher.publish());
    impl_->loop.spawn("dispatcher", impl_->dispatcher.run());
    co_return Result<void>{};
}

asio::awaitable<void> Engine::stop(std::chrono::milliseconds grace) {
    return on_strand(impl_->core.strand, impl_->stop(grace));
}

void Engine::reload(Options options) {
    asio::dispatch(impl_->core.strand, [impl = impl_, options = std::move(options)]() mutable {
        Core& core = impl->core;
        core.creates_limit.configure(options.limit_requests, options.limit_window, options.straggler);
        core.options = std::move(options);
        core.signal.notify();
    });
}

void Engine::wake() {
    asio::dispatch(impl_->core.strand, [impl = impl_] { impl->core.queue_touched(); });
}

void Engine::job_changed(JobId id) {
    impl_->core.work.spawn("job changed", impl_->changed(id));
}

std::shared_ptr<const Snapshot> Engine::snapshot() const {
    return impl_->dispatcher.snapshot();
}

asio::awaitable<Result<void>> Engine::pause(PauseRequest request) {
    return on_strand(impl_->core.strand, impl_->pause(std::move(request)));
}

asio::awaitable<Result<void>> Engine::resume(std::string model) {
    return on_strand(impl_->core.strand, impl_->resume(std::move(model)));
}

asio::awaitable<Result<void>> Engine::release_restored(bool fail_queued) {
    return on_strand(impl_->core.strand, impl_->release_restored(fail_queued));
}

asio::awaitable<Result<double>> Engine::credits() {
    return on_strand(impl_->core.strand, impl_->credits());
}

asio::awaitable<Result<CallbackVerdict>> Engine::callback(CallbackCall call) {
    return on_strand(impl_->core.strand, impl_->callbacks.receive(std::move(call)));
}

asio::awaitable<void> Engine::ping() {
    const auto back = co_await asio::this_coro::executor;
    co_await async::enter(impl_->core.strand);
    co_await async::enter(back);
}

}  // namespace genq::engine
