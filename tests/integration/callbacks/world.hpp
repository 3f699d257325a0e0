#pragma once
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_future.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/async/worker_pool.hpp"
#include "common/http/beast_transport.hpp"
#include "server/blobs/folder_store.hpp"
#include "server/engine/engine.hpp"
#include "server/sandbox/sandbox.hpp"
#include "server/store/change_feed.hpp"
#include "server/store/sqlite/sqlite_job_store.hpp"
#include "server/web/server.hpp"
#include "tests/support/temp_folder.hpp"

namespace genq::test {

/// The engine that is there at the moment; errc::busy while there is none. Any thread.
class CurrentEngine final : public api::EnginePort {
  public:
    void set(std::shared_ptr<engine::Engine> engine);
    [[nodiscard]] std::shared_ptr<engine::Engine> get() const;

    [[nodiscard]] std::shared_ptr<const engine::Snapshot> snapshot() const override;
    void wake() override;
    void job_changed(JobId id) override;
    [[nodiscard]] boost::asio::awaitable<Result<void>> pause(engine::PauseRequest request) override;
    [[nodiscard]] boost::asio::awaitable<Result<void>> resume(std::string model) override;
    [[nodiscard]] boost::asio::awaitable<Result<void>> release_restored(bool fail_queued) override;
    [[nodiscard]] boost::asio::awaitable<Result<double>> credits() override;
    [[nodiscard]] boost::asio::awaitable<Result<engine::CallbackVerdict>> callback(engine::CallbackCall call) override;

  private:
    mutable std::mutex mutex_;
    std::shared_ptr<engine::Engine> engine_;
};

/// Store, engine, API and listener as the daemon puts them together, and kie.ai's stand-in behind real sockets on both
/// ways: its API, and its calls to us. Tasks last a fifth of a second.
class World {
  public:
    struct Setup {
        bool callbacks = true;             // ask for them
        std::string sandbox_key = "key";   // signs them
        std::string callback_key = "key";  // what we check them with
        std::vector<sandbox::Fault> faults{};
        std::chrono::seconds timeout{30};
        engine::OnUnknown on_unknown = engine::OnUnknown::fail;
    };

    explicit World(Setup setup);
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    void start_engine();
    /// The engine ends at once, with nothing written down: as if the process died.
    void drop_engine();
    JobId accept(NewJob job);
    Job get(JobId id) { return run(store_->get(id)).value(); }
    /// The job once `enough` says so of it, or as it is when nothing has happened for a long time.
    Job wait_for(JobId id, const std::function<bool(const Job&)>& enough);
    Job end_of(JobId id);
    void retry(JobId id, bool resubmit);
    [[nodiscard]] sandbox::Ledger ledger() const { return sandbox_->ledger(); }
    /// API requests that arrived: creates, and queries.
    [[nodiscard]] std::uint64_t requests() const;

    template <class T>
    T run(boost::asio::awaitable<T> task) {
        return boost::asio::co_spawn(strand_, std::move(task), boost::asio::use_future).get();
    }

  private:
    static constexpr int threads = 2;

    void run_void(boost::asio::awaitable<void> task) {
        boost::asio::co_spawn(strand_, std::move(task), boost::asio::use_future).get();
    }

    Setup setup_;
    TempFolder folder_;
    SystemClock clock_;
    SystemRandom random_;
    log::Logger log_{log::Level::error, log::Format::text};
    metrics::Registry metrics_;
    async::WorkerPool workers_{2};
    boost::asio::io_context io_{threads};
    // One for all tasks: a ticket of the feed is waited for by several of them, and keeps the strand of the first.
    boost::asio::strand<boost::asio::io_context::executor_type> strand_{boost::asio::make_strand(io_)};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
    http::BeastTransport net_{io_, clock_};
    store::ChangeFeed feed_{clock_};
    async::Signal committed_{io_.get_executor(), clock_};
    std::optional<api::EventFeed> events_;
    std::unique_ptr<store::SqliteJobStore> store_;
    std::unique_ptr<blobs::FolderStore> blobs_;
    std::optional<sandbox::Sandbox> sandbox_;
    CurrentEngine engine_;
    std::optional<api::Api> api_;
    std::optional<web::Server> http_;
    std::vector<std::thread> threads_;
};

}  // namespace genq::test
