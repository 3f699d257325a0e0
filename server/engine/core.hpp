#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/strand.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/async/signal.hpp"
#include "common/async/task_group.hpp"
#include "server/domain/job_log.hpp"
#include "server/engine/breaker.hpp"
#include "server/engine/engine.hpp"
#include "server/engine/engine_metrics.hpp"
#include "server/engine/hold_book.hpp"
#include "server/limiter/window.hpp"
#include "server/polling/planner.hpp"
#include "server/store/copy_mark.hpp"
#include "server/upstream/family.hpp"

namespace genq::engine {

/// Between two looks at the task of a job that timed out.
inline constexpr std::chrono::minutes late_look_every{10};

/// The queries of one key that kie.ai allows beside the creates, with scope "create" (kie.ai, "Get task detail").
inline constexpr int queries_per_second = 10;
inline constexpr std::chrono::milliseconds query_window{1'000};

/// What the parts of the engine share. Lives as long as the engine; touched on the strand only.
struct Core {
    Core(const boost::asio::any_io_executor& executor, Ports p, Options o);

    Ports ports;
    Options options;
    boost::asio::any_io_executor io;      // where downloads get strands of their own
    boost::asio::any_io_executor strand;  // the engine's own
    SteadyTime begun;                     // when this process's engine was made
    EngineMetrics metrics;
    async::Signal signal;      // wakes the dispatcher
    async::TaskGroup creates;  // awaited at the end: their answers cost money
    async::TaskGroup work;     // queries, downloads, probes: cancelled at the end

    limiter::WindowLimiter creates_limit;  // of scope "all": every request
    limiter::WindowLimiter queries_limit;  // of scope "create": queries and credit checks, 10 a second
    polling::Planner planner;              // which task is asked for next, and how long tasks take
    HoldBook holds;
    std::optional<store::CopyMark> restored;  // set while the store is a backup's copy that nobody has released
    Breaker breaker;
    bool draining = false;
    std::int64_t queue_epoch = 0;  // as stored: rises when the reason that queued jobs show changes

    int creates_running = 0;
    std::multiset<std::string, std::less<>> creating;  // whose they are
    int creates_waiting = 0;                           // jobs that wait for a token alone, as last counted
    bool maybe_ready = true;                           // the store may have jobs that are ready to be sent
    bool maybe_uploads = true;                         // likewise: whose files are to be uploaded
    bool late_dirty = true;                            // likewise: whose task is asked for after its job timed out
    bool store_dirty = true;                           // its times may have changed: what waits, deadlines
    std::set<std::int64_t> taken;                      // rows of jobs picked for a create, no intent recorded yet
    std::map<std::int64_t, SteadyTime> lingering;  // by job: likely ends of tasks that run on unwatched, in their slots
    int callbacks_missed = 0;                      // in a row: tasks that a query found ended and no callback told of
    std::map<std::string, std::size_t, std::less<>>
        endpoint_index;                                  // by model: which endpoint worked, or is next to try
    std::set<std::string, std::less<>> endpoint_proven;  // models whose endpoint has worked
    std::optional<double> balance;
    std::optional<WallTime> balance_at;
    bool balance_stale = true;              // creates were sent or jobs have ended since the balance was looked at
    std::deque<SteadyTime> recent_creates;  // of the last five minutes, for the rates that people see
    std::deque<SteadyTime> recent_queries;
    std::deque<SteadyTime> recent_finishes;

    /// The bucket that queries and credit checks draw from.
    [[nodiscard]] limiter::WindowLimiter& query_tokens() {
        return options.scope == LimitScope::all ? creates_limit : queries_limit;
    }
    /// A steady time for a wall time, for waiting: wall times are what is stored.
    [[nodiscard]] SteadyTime steady(WallTime when) const;
    [[nodiscard]] WallTime wall_in(std::chrono::milliseconds wait) const { return ports.clock.wall_now() + wait; }

    /// `path` at the API's host, with the key and a user agent that Cloudflare lets through.
    [[nodiscard]] http::ClientRequest api_request(const upstream::ApiRequest& request) const;
    [[nodiscard]] SteadyTime request_deadline() const { return ports.clock.now() + options.timeout; }
    /// Jobs came into the queue, or back to it.
    void queue_touched() {
        maybe_ready = true;
        maybe_uploads = true;
        store_dirty = true;
        signal.notify();
    }
    /// A job has ended: others may have waited for it.
    void job_ended() {
        maybe_ready = true;
        maybe_uploads = true;
        recent_finishes.push_back(ports.clock.now());
        balance_stale = true;
        signal.notify();
    }
    /// Gives a token back as the exchange says.
    void settle_token(limiter::WindowLimiter& limit, const http::Exchange& exchange);
    /// kie.ai refused for the rate.
    void rate_limited(limiter::WindowLimiter& limit, std::optional<std::chrono::seconds> retry_after);
    /// Puts a hold on, in the store and here, and logs it.
    [[nodiscard]] boost::asio::awaitable<void> hold(
        QueueReason reason, std::string detail, std::optional<WallTime> until = std::nullopt,
        std::optional<std::chrono::milliseconds> create_probe_in = std::nullopt);
    [[nodiscard]] boost::asio::awaitable<void> release(QueueReason reason, std::string model = "");
    /// Feeds the breaker and keeps the hold that goes with it.
    [[nodiscard]] boost::asio::awaitable<void> upstream_failed(std::string detail);
    [[nodiscard]] boost::asio::awaitable<void> upstream_answered();

    /// Where kie.ai is to call for a create of this job.
    [[nodiscard]] std::string callback_url(JobId id, std::string_view token) const;
    /// True while signed callbacks tell when this job's task, submitted then, ends. The call for a task of an earlier
    /// process may have come while nobody listened.
    [[nodiscard]] bool awaits_callback(const Job& job, SteadyTime submitted) const;
    /// How long a create of unknown outcome may be settled by proof.
    [[nodiscard]] std::chrono::milliseconds unknown_grace(const Job& job) const;
    /// A task that runs, or may run, without being watched keeps its slot until its likely end.
    void linger(const Job& job, SteadyTime submitted);

    /// Which endpoint of the family to use for a model.
    [[nodiscard]] std::string endpoint(const upstream::FamilyAdapter& adapter, std::string_view model) const;
    /// True when there is none to try after `used`, or it has worked before: its 404 is final. Creates of one model may
    /// be under way together, so that the answer to one may come after another's has changed what is used next.
    [[nodiscard]] bool last_endpoint(const upstream::FamilyAdapter& adapter, std::string_view model,
                                     std::string_view used) const;
    void endpoint_failed(const upstream::FamilyAdapter& adapter, std::string_view model, std::string_view used);
    void endpoint_worked(const upstream::FamilyAdapter& adapter, std::string_view model, std::string_view used);

    /// Stores what must not be forgotten: tries again, with backoff, while the store is full or busy. A conflict (the
    /// job was canceled meanwhile) ends it too. `write` makes the operation anew for each try.
    template <class T, class Write>
    [[nodiscard]] boost::asio::awaitable<Result<T>> persist(std::string what, log::Subject of, Write write);
    /// Fails a job for good.
    [[nodiscard]] boost::asio::awaitable<void> fail_job(Job job, store::Failure failure);
    /// What the store is to know of a task that succeeded.
    [[nodiscard]] static store::Generated generated(JobId id, upstream::TaskReport report);

    [[nodiscard]] static upstream::TaskSpec spec(const Job& job, const std::string& callback_url);
    [[nodiscard]] const polling::Rule& rule(const Job& job) const {
        return options.poll[static_cast<std::size_t>(job.profile)];
    }
    /// What a query costs now: DESIGN.md, "Polling".
    [[nodiscard]] double query_price();
    /// True for veo/1080p and veo/4k, between whose queries lies Options::upgrade_interval.
    [[nodiscard]] static bool asked_slowly(const Job& job);
    /// A task of `job` as the planner takes it.
    [[nodiscard]] polling::Planner::Task task(const Job& job, SteadyTime submitted, SteadyTime looked) const;
    [[nodiscard]] polling::Prior prior(const Job& job) const;
    /// When a task that is not watched any more has most likely ended and freed its slot.
    [[nodiscard]] SteadyTime likely_end(const Job& job, SteadyTime submitted);
    /// How long a task may run before we give up (kie.ai: Midjourney by its speed; else the model's or the kind's).
    [[nodiscard]] std::chrono::milliseconds longest_wait(const Job& job) const;
};

template <class T, class Write>
boost::asio::awaitable<Result<T>> Core::persist(std::string what, log::Subject of, Write write) {
    std::chrono::milliseconds pause{100};
    for (;;) {
        Result<T> result = co_await write();
        if (result || result.error().code == errc::conflict || result.error().code == errc::not_found) {
            co_return result;
        }
        ports.log.error("the store refused a write that must not be lost; trying again", of,
                        {{"what", what}, {"error", result.error().detail}});
        co_await ports.clock.sleep_until(ports.clock.now() + pause);
        pause = std::min(pause * 2, std::chrono::milliseconds(5'000));
    }
}

}  // namespace genq::engine
