#include "server/engine/recovery.hpp"

#include <charconv>
#include <ranges>

#include "common/core/rfc3339.hpp"
#include "server/engine/restore.hpp"

namespace genq::engine {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr int most_watched = 100'000;  // tasks are bounded by max_concurrent_tasks; this bounds a broken store's harm

std::optional<std::int64_t> number(const std::optional<std::string>& text) {
    if (!text) return std::nullopt;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
    return value;
}

/// When the buckets may be used: a window and the straggler time after the last request that an earlier process can
/// have sent. A clean stop wrote down when that was; after anything else it may have been a moment ago.
asio::awaitable<Result<void>> fill_limiter(Core& core) {
    const auto used = co_await core.ports.store.fact("used");
    if (!used) co_return std::unexpected(used.error());
    const auto stopped = co_await core.ports.store.fact("stopped_at");
    if (!stopped) co_return std::unexpected(stopped.error());
    const SteadyTime now = core.ports.clock.now();
    if (*used) {
        std::chrono::milliseconds passed{0};
        if (const auto at = number(*stopped)) {
            // The wall clock may have jumped: time that it says went backwards counts as none.
            passed = std::max(core.ports.clock.wall_now() - from_ms(*at), 0ms);
        }
        const auto left = [&core, passed](std::chrono::milliseconds window) {
            return std::max(window + core.options.straggler - passed, 0ms);
        };
        const auto wait = left(core.options.limit_window);
        core.creates_limit = limiter::WindowLimiter(core.options.limit_requests, core.options.limit_window,
                                                    core.options.straggler, now, now + wait);
        core.queries_limit = limiter::WindowLimiter(queries_per_second, query_window, core.options.straggler, now,
                                                    now + left(query_window));
        if (wait > 0ms) {
            core.ports.log.info("the limiter starts empty: an earlier process may just have used it",
                                {{"wait_ms", wait.count()}});
        }
    }
    if (auto set = co_await core.ports.store.set_fact("used", "1"); !set) co_return set;
    co_return co_await core.ports.store.set_fact("stopped_at", std::nullopt);
}

}  // namespace

asio::awaitable<Result<void>> recover(Core& core, Submitter& submitter, Poller& poller, Downloader& downloader) {
    if (auto filled = co_await fill_limiter(core); !filled) co_return filled;
    const auto epoch = co_await core.ports.store.fact("queue_epoch");
    if (!epoch) co_return std::unexpected(epoch.error());
    core.queue_epoch = number(*epoch).value_or(0);

    const auto holds = co_await core.ports.store.holds();
    if (!holds) co_return std::unexpected(holds.error());
    core.holds.load(*holds, core.ports.clock.now());
    if (const store::Hold* down = core.holds.find(QueueReason::upstream_down, ""); down != nullptr && !down->until) {
        core.breaker.open(core.ports.clock.now());
    }

    if (auto held = co_await hold_restored(core); !held) co_return held;

    const auto durations = co_await core.ports.store.durations();
    if (!durations) co_return std::unexpected(durations.error());
    // The last used comes first; the book takes what it is given last for that.
    for (const auto& [model, histogram] : *durations | std::views::reverse) {
        if (auto known = polling::read(histogram)) {
            core.planner.book().load(model, *known);
        } else {
            core.ports.log.warn("what was learnt of a model can't be read: it is learnt anew", {{"model", model}});
        }
    }

    // A create that was under way when the process died: nobody can say whether it arrived.
    const auto interrupted = co_await core.ports.store.interrupted();
    if (!interrupted) co_return std::unexpected(interrupted.error());
    for (const Job& job : *interrupted) {
        const WallTime settle_at = core.wall_in(core.unknown_grace(job));
        const auto stored = co_await core.ports.store.record_unknown(job.id, job.attempts, settle_at);
        if (!stored) co_return stored;
        core.linger(job, core.ports.clock.now());
    }
    const auto settling = co_await core.ports.store.with_step(Step::settle, most_watched);
    if (!settling) co_return std::unexpected(settling.error());
    for (const Job& job : *settling) submitter.settling.emplace(core.steady(job.step_at), job.id.row());

    const auto tasks = co_await core.ports.store.with_step(Step::poll, most_watched);
    if (!tasks) co_return std::unexpected(tasks.error());
    for (const Job& job : *tasks) poller.watch(job);

    const auto downloads = co_await core.ports.store.with_step(Step::download, most_watched);
    if (!downloads) co_return std::unexpected(downloads.error());
    for (const Job& job : *downloads) downloader.add(job.id, core.steady(job.step_at));

    if (interrupted->size() + tasks->size() + downloads->size() > 0) {
        core.ports.log.info(
            "taken up from the store",
            {{"interrupted_creates", interrupted->size()}, {"tasks", tasks->size()}, {"downloads", downloads->size()}});
    }
    co_return Result<void>{};
}

}  // namespace genq::engine
