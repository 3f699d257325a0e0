#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/strand.hpp>
#include <exception>
#include <memory>
#include <string>

#include "common/async/signal.hpp"
#include "common/async/task_group.hpp"
#include "common/async/worker_pool.hpp"
#include "common/core/clock.hpp"
#include "common/core/random.hpp"
#include "common/http/beast_transport.hpp"
#include "common/log/log.hpp"
#include "common/metrics/registry.hpp"
#include "server/api/api.hpp"
#include "server/api/event_feed.hpp"
#include "server/app/engine_port.hpp"
#include "server/app/notify.hpp"
#include "server/app/published.hpp"
#include "server/app/scrubber.hpp"
#include "server/app/settings.hpp"
#include "server/app/state_dir.hpp"
#include "server/blobs/folder_store.hpp"
#include "server/catalogue/catalogue.hpp"
#include "server/engine/engine.hpp"
#include "server/engine/job_ends.hpp"
#include "server/front/deliverer.hpp"
#include "server/media/fact_keeper.hpp"
#include "server/media/library.hpp"
#include "server/sandbox/sandbox.hpp"
#include "server/store/change_feed.hpp"
#include "server/store/sqlite/sqlite_job_store.hpp"
#include "server/tracing/exporter.hpp"
#include "server/web/server.hpp"
#include "server/webhooks/sender.hpp"

namespace genq::app {

/// Runs the daemon until it is told to stop. Returns the exit code: 0 drained, 1 failure at run time, 2 bad usage or
/// configuration, 3 the state directory is in use. Sentences about what is wrong go to stderr. Main thread only.
[[nodiscard]] int serve(const ServeArguments& arguments, const Environment& environment);

/// The daemon, put together: the one place that names concrete classes. Members stand in the order of dependency; run()
/// starts from the bottom and drains from the top, and what is above is gone before what is below.
class Application {
  public:
    /// What can fail before anything runs: opens the store, the blobs and the catalogue, starts the sandbox.
    [[nodiscard]] static Result<std::unique_ptr<Application>> make(ServeArguments arguments, Environment environment,
                                                                   Settings settings);
    Application(const Application&) = delete;
    Application& operator=(const Application&) = delete;
    ~Application();

    /// Serves on a few threads until a signal or a failure ends it. Returns the exit code. Call once.
    [[nodiscard]] int run();

  private:
    Application(ServeArguments arguments, Environment environment, Settings settings, StateDir state_dir);
    [[nodiscard]] Result<void> open();
    void build();
    /// How kie.ai fetches a blob from us: by a signed URL, where http.public_url says how we are reached; else empty.
    /// The function may be called from any thread.
    [[nodiscard]] std::function<std::string(const Digest&, std::string_view)> blob_url() const;
    /// What of the state was found damaged, by the scrubber or on the way. Any thread.
    [[nodiscard]] api::Integrity integrity() const;
    /// The catalogue's seconds, in the sandbox's time. Any thread.
    [[nodiscard]] polling::Prior expected(std::string_view id, double longest_wait) const;
    /// What the catalogue of now says against such a file at that place of a model's input; "" for nothing. Any thread.
    [[nodiscard]] std::string file_fault(std::string_view id, std::string_view pointer, std::string_view media_type,
                                         std::uint64_t bytes) const;

    // On the control strand.
    [[nodiscard]] boost::asio::awaitable<int> main();
    [[nodiscard]] boost::asio::awaitable<Result<void>> start();
    [[nodiscard]] boost::asio::awaitable<void> drain();
    [[nodiscard]] boost::asio::awaitable<void> watch_signals();
    [[nodiscard]] boost::asio::awaitable<void> reload();
    /// Collects every hour, while there are retention rules.
    [[nodiscard]] boost::asio::awaitable<void> keep_collecting();
    [[nodiscard]] boost::asio::awaitable<void> keep_watchdog(std::chrono::microseconds interval);
    void task_failed(const std::string& name, const std::exception_ptr& error);
    void stop_with(int code);
    void run_thread();

    ServeArguments arguments_;
    const Environment environment_;
    Settings settings_;
    const Config started_;  ///< as it was at the start: some keys stay so until the next
    std::string base_url_;
    const double sandbox_speed_;  ///< of the sandbox's tasks; 1 at kie.ai
    SystemClock clock_;
    SystemRandom random_;
    log::Logger log_;
    metrics::Registry metrics_;
    engine::JobEnds job_ends_{log_, metrics_};
    Notifier notifier_;
    StateDir state_dir_;
    async::WorkerPool workers_;
    Published<catalogue::Catalogue> catalogue_;
    Published<api::TokenSet> tokens_;
    Published<api::UrlKeys> url_keys_;
    Published<webhooks::Secrets> webhook_secrets_;
    Published<std::vector<http::AddressBlock>> webhook_blocks_;

    boost::asio::io_context io_;
    boost::asio::strand<boost::asio::io_context::executor_type> control_;
    boost::asio::signal_set signals_;
    async::Signal stop_;
    async::TaskGroup tasks_;
    std::unique_ptr<http::BeastTransport> transport_;
    std::unique_ptr<sandbox::Sandbox> sandbox_;
    store::ChangeFeed feed_;
    async::Signal stored_;     ///< some job changed
    async::Signal told_;       ///< likewise; for webhooks, since a signal has one waiter
    async::Signal committed_;  ///< for the event feed: not every event changes what a reader of its job sees
    std::unique_ptr<store::SqliteJobStore> store_;
    std::unique_ptr<blobs::FolderStore> blobs_;
    std::unique_ptr<media::Library> media_;
    std::unique_ptr<media::FactKeeper> fact_keeper_;
    std::unique_ptr<engine::Engine> engine_;
    std::unique_ptr<EnginePort> engine_port_;
    std::unique_ptr<api::EventFeed> events_;
    std::unique_ptr<api::Api> api_;
    std::unique_ptr<web::Server> http_;
    std::unique_ptr<Scrubber> scrubber_;
    std::unique_ptr<http::BeastTransport> calls_out_;  ///< to clients' callBackUrls
    std::unique_ptr<front::Deliverer> deliverer_;
    std::unique_ptr<http::BeastTransport> webhooks_out_;
    std::unique_ptr<webhooks::Sender> sender_;
    std::unique_ptr<tracing::Exporter> traces_;  ///< with tracing.otlp_url only

    bool serving_ = false;  ///< the listeners are open
    bool draining_ = false;
    int exit_code_ = 0;
};

}  // namespace genq::app
