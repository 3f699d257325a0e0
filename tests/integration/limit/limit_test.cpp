#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_future.hpp>
#include <condition_variable>
#include <fstream>
#include <iterator>
#include <mutex>
#include <thread>

#include "common/async/worker_pool.hpp"
#include "common/crypto/sha256.hpp"
#include "common/http/beast_transport.hpp"
#include "server/blobs/folder_store.hpp"
#include "server/engine/engine.hpp"
#include "server/sandbox/sandbox.hpp"
#include "server/store/sqlite/sqlite_job_store.hpp"
#include "tests/integration/limit/slow_network.hpp"
#include "tests/support/temp_folder.hpp"

namespace genq::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr int threads = 4;
constexpr int jobs = 60;
constexpr int limit = 20;
constexpr auto patience = 240s;

/// Wakes who waits for a commit of the store.
class Commits {
  public:
    void happened() {
        const std::lock_guard lock(mutex_);
        ++count_;
        changed_.notify_all();
    }
    [[nodiscard]] int count() {
        const std::lock_guard lock(mutex_);
        return count_;
    }
    /// False when none comes after the one numbered `seen` in time.
    [[nodiscard]] bool wait_past(int seen) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, patience, [&] { return count_ > seen; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int count_ = 0;
};

/// The engine as the daemon puts it together, with kie.ai's stand-in behind real sockets: in real time, on some
/// threads.
class Limit : public testing::Test {
  protected:
    Limit() {
        sandbox::Options stand_in;
        stand_in.time_scale = 20;
        stand_in.limit_requests = limit;
        stand_in.limit_window = 10s;
        stand_in.limit_all = true;
        sandbox_.emplace(io_, clock_, random_, net_, log_, std::move(stand_in));
        store::SqliteOptions settings;
        settings.path = folder_ / "genqd.db";
        settings.on_change = [this](const std::vector<std::int64_t>&) { commits_.happened(); };
        store_ = std::move(store::SqliteJobStore::open(std::move(settings), clock_, random_).value());
        blobs_ = std::move(blobs::FolderStore::open(folder_ / "blobs", workers_).value());
        for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { io_.run(); });
    }
    ~Limit() override {
        if (engine_) run_void(engine_->stop(10s));
        run_void(sandbox_->stop());
        work_.reset();
        for (auto& thread : threads_) thread.join();
    }

    void start() {
        ASSERT_TRUE(sandbox_->start());
        engine::Options options;  // the limit is the daemon's own default
        options.base_url = sandbox_->base_url();
        options.api_key = "key";
        options.allow_private = true;
        // A task takes a few seconds here: one query each is enough.
        options.poll.fill({.first = 8s, .interval = 8s});
        engine_.emplace(io_.get_executor(),
                        engine::Ports{clock_, random_, slow_, *store_, *blobs_, log_, metrics_, [] {}}, options);
        ASSERT_TRUE(run(engine_->start()));
    }
    JobId accept(int number) {
        NewJob job;
        job.model = job.wire_model = "google/imagen4";
        job.family = Family::market;
        job.kind = "image";
        job.profile = PollProfile::image;
        job.input = R"({"prompt":"lake )" + std::to_string(number) + "\"}";
        job.caller = "ann";
        const auto accepted = run(store_->accept(std::move(job), std::nullopt));
        EXPECT_TRUE(accepted);
        engine_->wake();
        return accepted->job.id;
    }
    /// The job once it is terminal, or as it is when nothing happens any more.
    Job end_of(JobId id) {
        for (;;) {
            const int seen = commits_.count();
            auto job = run(store_->get(id)).value();
            if (is_terminal(job.status) || !commits_.wait_past(seen)) return job;
        }
    }
    std::string hash_of(const Digest& digest) {
        std::ifstream file(blobs_->path_of(digest), std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
        return crypto::sha256_hex(bytes);
    }
    template <class T>
    T run(asio::awaitable<T> task) {
        return asio::co_spawn(asio::make_strand(io_), std::move(task), asio::use_future).get();
    }
    void run_void(asio::awaitable<void> task) {
        asio::co_spawn(asio::make_strand(io_), std::move(task), asio::use_future).get();
    }

    TempFolder folder_;
    SystemClock clock_;
    SystemRandom random_;
    log::Logger log_{log::Level::warn, log::Format::text};
    metrics::Registry metrics_;
    Commits commits_;
    async::WorkerPool workers_{2};
    asio::io_context io_{threads};
    asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
    http::BeastTransport net_{io_, clock_};
    SlowNetwork slow_{net_, clock_, limit, 1'500ms};
    std::optional<sandbox::Sandbox> sandbox_;
    std::unique_ptr<store::SqliteJobStore> store_;
    std::unique_ptr<blobs::FolderStore> blobs_;
    std::optional<engine::Engine> engine_;
    std::vector<std::thread> threads_;
};

TEST_F(Limit, is_kept_and_used_by_sixty_jobs_at_once) {
    start();
    std::vector<JobId> ids;
    for (int i = 0; i < jobs; ++i) ids.push_back(accept(i));
    int outputs = 0;
    for (const JobId& id : ids) {
        const Job job = end_of(id);
        EXPECT_EQ(job.status, JobStatus::succeeded) << (job.error ? job.error->message : job.upstream_state);
        EXPECT_EQ(job.attempts, 1);
        EXPECT_FALSE(job.outputs.empty());
        for (const Output& output : job.outputs) {
            ASSERT_TRUE(output.digest);
            EXPECT_EQ(hash_of(*output.digest), output.digest->hex());
            ++outputs;
        }
    }
    EXPECT_GE(outputs, jobs);
    const sandbox::Ledger ledger = sandbox_->ledger();
    EXPECT_EQ(ledger.refused, 0U);
    EXPECT_EQ(ledger.creates.size(), static_cast<std::size_t>(jobs));
    // The bucket is full at the start, so the first window holds all that is allowed.
    EXPECT_EQ(ledger.max_in_window, static_cast<std::size_t>(limit));
}

}  // namespace
}  // namespace genq::test
