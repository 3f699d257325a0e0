#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/core/clock.hpp"
#include "common/core/error.hpp"
#include "common/core/random.hpp"
#include "common/http/transport.hpp"
#include "common/log/log.hpp"
#include "common/metrics/registry.hpp"
#include "server/blobs/blob_store.hpp"
#include "server/engine/callback_plan.hpp"
#include "server/engine/options.hpp"
#include "server/polling/book.hpp"
#include "server/store/job_store.hpp"

namespace genq::engine {

/// What the engine is given: it names no concrete clock, network, store or disk.
struct Ports {
    Clock& clock;
    Random& random;
    http::Transport& transport;
    store::JobStore& store;
    blobs::BlobStore& blobs;
    log::Logger& log;
    metrics::Registry& metrics;
    /// Called on the engine strand after Snapshot::reason or the holds changed: queued jobs look different to readers
    /// now. Must not block.
    std::function<void()> queue_changed;
    /// What to expect of a model's tasks before one was seen, by its longest wait in seconds. Empty: by that alone.
    std::function<polling::Prior(std::string_view model, double longest_wait)> expected{};
    /// A URL by which kie.ai can fetch a blob from us for a while; empty where it can't reach us.
    std::function<std::string(const Digest& digest, std::string_view name)> blob_url{};
    /// What is wrong with a file of that type and size at that place of a model's input ("/input/image_urls/0"), as the
    /// catalogue has it: a sentence, or "" if nothing is. Empty: files are not looked at.
    std::function<std::string(std::string_view model, std::string_view pointer, std::string_view media_type,
                              std::uint64_t bytes)>
        file_fault{};
};

/// What the engine shows of itself. Immutable; a new one is published with every change.
struct Snapshot {
    std::vector<store::Hold> holds;
    /// Why a ready job is not sent right now, where the reason is the engine's and not the job's: the first that holds
    /// of paused, upstream_auth, credits, storage, upstream_down, concurrency, rate_limit.
    QueueReason reason = QueueReason::rate_limit;
    std::string reason_detail;
    std::vector<std::string> paused_models;  // their ready jobs have the reason `paused`
    std::vector<std::string> full_callers;   // have all the jobs running that they may: theirs have `concurrency`
    std::int64_t queue_epoch = 0;            // rises when one of these changes; part of a queued job's version
    std::string last_caller;                 // whose turn was last

    int limit = 20;
    int tokens_free = 0;
    std::chrono::milliseconds window{10'000};
    std::optional<std::chrono::milliseconds> next_token_in;  // none free: when the next one comes back at the earliest
    std::vector<SteadyTime> token_returns;                   // when each answered token comes back, soonest first
    int tasks_running = 0;
    int max_tasks = 100;
    int downloads_running = 0;

    /// How long each model's tasks take, of the models in use.
    std::shared_ptr<const polling::Laws> durations = std::make_shared<const polling::Laws>();
    double queries_per_create = 1;  // over the last minutes, where queries draw from the creates' tokens; else 0
    double mean_task_s = 0;         // that the running tasks are expected to take

    double creates_per_minute = 0;  // over the last minutes
    double finished_per_minute = 0;
    std::optional<double> credits;  // the balance as last seen
    std::optional<WallTime> credits_at;
    bool upstream_ok = true;  // no hold but `paused`
};

struct PauseRequest {
    std::optional<WallTime> until;
    std::string model;  // "" for all
    std::string reason;
};

/// Takes accepted jobs to their end: sends creates within the limit, asks for tasks, stores outputs, keeps holds
/// (DESIGN.md). Its state lives on one strand; all public functions may be called from any thread or strand.
class Engine {
  public:
    Engine(const boost::asio::any_io_executor& io, Ports ports, Options options);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Takes up from the store what an earlier process left and starts working. Fails if the store does.
    [[nodiscard]] boost::asio::awaitable<Result<void>> start();
    /// Drains: no new creates; creates in flight are awaited for at most `grace`, the rest is left as the store has it.
    [[nodiscard]] boost::asio::awaitable<void> stop(std::chrono::milliseconds grace);
    /// Takes over limits, poll rules and concurrency of a reloaded configuration.
    void reload(Options options);

    /// There is new work in the store.
    void wake();
    /// A job was canceled, retried or deleted behind the engine's back.
    void job_changed(JobId id);
    [[nodiscard]] std::shared_ptr<const Snapshot> snapshot() const;
    /// Durable before it returns. errc::conflict: all is paused already, by a restored state.
    [[nodiscard]] boost::asio::awaitable<Result<void>> pause(PauseRequest request);
    /// Lifts the pause of a model; with "" every hold. errc::conflict, and nothing is lifted: with "", while a restored
    /// state waits for release_restored().
    [[nodiscard]] boost::asio::awaitable<Result<void>> resume(std::string model);
    /// Lets a restored state go on (DESIGN.md, "Backups"), and lifts every hold. With `fail_queued` what was queued or
    /// submitting in the backup is ended first, as submit_unknown. errc::conflict: no restored state waits.
    [[nodiscard]] boost::asio::awaitable<Result<void>> release_restored(bool fail_queued);
    /// kie.ai's balance: at most 30 s old, asked for if older. errc::timeout, unreachable, forbidden (key refused).
    [[nodiscard]] boost::asio::awaitable<Result<double>> credits();
    /// A call of kie.ai's to a submission's callBackUrl. Returns once what it says is stored; what takes a query goes
    /// on afterwards. Errors are the store's.
    [[nodiscard]] boost::asio::awaitable<Result<CallbackVerdict>> callback(CallbackCall call);
    /// Returns once the engine's strand had a turn: what the watchdog asks.
    [[nodiscard]] boost::asio::awaitable<void> ping();

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace genq::engine
