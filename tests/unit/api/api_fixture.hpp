#pragma once
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/async/signal.hpp"
#include "common/async/task_group.hpp"
#include "common/async/worker_pool.hpp"
#include "server/api/api.hpp"
#include "server/blobs/folder_store.hpp"
#include "server/store/sqlite/sqlite_job_store.hpp"
#include "tests/support/fake_clock.hpp"

namespace genq::api::test {

/// An engine that does nothing but say what the test put in and count what it was told.
class FakeEngine final : public EnginePort {
  public:
    [[nodiscard]] std::shared_ptr<const engine::Snapshot> snapshot() const override {
        return std::make_shared<engine::Snapshot>(shown);
    }
    void wake() override { ++wakes; }
    void job_changed(JobId id) override { changed.push_back(id.text()); }
    [[nodiscard]] boost::asio::awaitable<Result<void>> pause(engine::PauseRequest request) override;
    [[nodiscard]] boost::asio::awaitable<Result<void>> resume(std::string model) override;
    [[nodiscard]] boost::asio::awaitable<Result<void>> release_restored(bool fail_queued) override;
    [[nodiscard]] boost::asio::awaitable<Result<double>> credits() override;
    [[nodiscard]] boost::asio::awaitable<Result<engine::CallbackVerdict>> callback(engine::CallbackCall call) override;

    engine::Snapshot shown;
    int wakes = 0;
    std::vector<std::string> changed;
    std::optional<engine::PauseRequest> paused;
    std::optional<std::string> resumed;
    std::optional<bool> released;  // with fail_queued or without
    Result<double> balance = 812.5;
    std::vector<engine::CallbackCall> calls;
    Result<engine::CallbackVerdict> verdict = engine::CallbackVerdict::taken;
};

/// Thumbnails that tell what they are of; or an error, once.
class FakeThumbnails final : public media::Thumbnails {
  public:
    [[nodiscard]] boost::asio::awaitable<Result<std::string>> thumbnail(Digest digest, std::string media_type,
                                                                        int width) override;
    std::optional<Error> fails;
    int made = 0;
};

/// An answer that is under way.
struct Pending {
    bool done = false;
    http::Response response;
};

/// The API over a database and blobs in a folder of its own, with a clock that the test moves.
class ApiTest : public ::testing::Test {
  protected:
    /// `feed`: of events_.
    explicit ApiTest(EventFeed::Options feed = {});
    ~ApiTest() override;

    /// Starts over with these options; the store stays.
    void restart(Options options);
    void use_tokens(std::vector<Token> tokens);

    [[nodiscard]] http::Response send(std::string method, std::string target, http::Fields headers = {},
                                      std::string body = "");
    [[nodiscard]] http::Response get(std::string target, http::Fields headers = {}) {
        return send("GET", std::move(target), std::move(headers));
    }
    /// A POST of JSON.
    [[nodiscard]] http::Response post(std::string target, std::string body, http::Fields headers = {});
    /// Starts a request and runs what is ready.
    [[nodiscard]] std::shared_ptr<Pending> start(std::string method, std::string target, http::Fields headers = {},
                                                 std::string body = "");

    /// Runs an operation to its end.
    template <class T>
    T run(boost::asio::awaitable<T> operation) {
        std::optional<T> value;
        std::exception_ptr thrown;
        boost::asio::co_spawn(io_, std::move(operation), [&](std::exception_ptr error, T result) {
            thrown = error;
            value.emplace(std::move(result));
        });
        if (io_.stopped()) io_.restart();
        while (!value) io_.run_one();
        if (thrown) std::rethrow_exception(thrown);
        return std::move(*value);
    }

    /// Submits a small job; its id.
    std::string submit(std::string extra = "", http::Fields headers = {});
    [[nodiscard]] JobId id_of(const std::string& text) const { return *JobId::parse(text); }
    [[nodiscard]] Job stored(const std::string& id) { return *run(store_->get(id_of(id))); }
    /// Takes a queued job on: to submitting, to generating with a task id, to failed.
    void make_submitting(const std::string& id);
    void make_generating(const std::string& id);
    void make_failed(const std::string& id, JobErrorCode code);
    /// Takes a queued job to succeeded with this output.
    Digest make_succeeded(const std::string& id, std::string bytes, std::string media_type, std::string filename);

    /// Most tests are not about inputs; restart() takes it over.
    Validation validation_ = Validation::off;
    std::string folder_;
    boost::asio::io_context io_{1};
    genq::test::FakeClock clock_;
    SeededRandom random_{7};
    log::Logger log_{log::Level::error, log::Format::text};
    std::unique_ptr<metrics::Registry> metrics_;
    Integrity integrity_;  // what /readyz is told
    store::ChangeFeed feed_{clock_};
    async::Signal committed_{io_.get_executor(), clock_};
    async::TaskGroup tasks_{io_.get_executor(), [](const std::string& name, std::exception_ptr) { FAIL() << name; }};
    async::WorkerPool pool_{1};
    std::unique_ptr<store::SqliteJobStore> store_;
    std::unique_ptr<EventFeed> events_;
    std::unique_ptr<blobs::FolderStore> blobs_;
    FakeEngine engine_;
    FakeThumbnails thumbnails_;
    std::shared_ptr<const catalogue::Catalogue> catalogue_;
    bool takes_webhooks_ = true;
    Mount mount_;                           ///< takes effect with restart()
    http::Transport* transport_ = nullptr;  ///< likewise
    std::shared_ptr<const UrlKeys> url_keys_ =
        std::make_shared<UrlKeys>(std::vector<std::string>{"a key of the test's"});
    std::shared_ptr<const TokenSet> tokens_ = std::make_shared<TokenSet>();
    std::unique_ptr<Api> api_;
};

[[nodiscard]] store::Hold make_hold(QueueReason reason, std::string detail, WallTime since);
[[nodiscard]] std::string text_of(const http::Response& response);
[[nodiscard]] boost::json::value json_of(const http::Response& response);
/// `code` of a problem; it is checked that the problem is one, in form.
[[nodiscard]] std::string code_of(const http::Response& response);
/// The pointers of a problem's errors.
[[nodiscard]] std::vector<std::string> pointers_of(const http::Response& response);

}  // namespace genq::api::test
