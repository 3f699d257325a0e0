#pragma once
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <memory>

#include "server/engine/engine.hpp"
#include "server/engine/job_ends.hpp"
#include "server/store/sqlite/sqlite_job_store.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/kie_model.hpp"
#include "tests/support/memory_blobs.hpp"

namespace genq::engine {

/// The whole engine on one thread and a virtual clock: the real store (writing inline), kie.ai and blobs in memory.
class EngineTest : public ::testing::Test {
  protected:
    EngineTest();
    ~EngineTest() override;

    /// Starts an engine on the store; a second call without stop() or crash() is a mistake.
    void start();
    void stop(std::chrono::milliseconds grace = std::chrono::seconds(45));
    /// The process dies: nothing is drained or written down. The store is opened anew by the next start().
    void crash();
    /// A backup is made; the process dies, and the backup takes the place of the state.
    void restore();

    JobId accept(std::string model = "google/imagen4", std::string caller = "ann", int priority = 0);
    JobId accept(NewJob job);
    [[nodiscard]] static NewJob market_job(std::string model = "google/imagen4");
    Job get(JobId id);
    /// Runs until the job has that status, at most `limit` of virtual time.
    [[nodiscard]] bool reaches(JobId id, JobStatus status, std::chrono::milliseconds limit = std::chrono::minutes(10));
    void advance(std::chrono::milliseconds by) { clock.advance(*io, by); }
    [[nodiscard]] bool run_until(const std::function<bool()>& done, std::chrono::milliseconds limit) {
        return clock.run_until(*io, done, limit);
    }
    /// Runs a coroutine to its end and returns its value.
    template <class T>
    T run(boost::asio::awaitable<T> task) {
        std::optional<T> value;
        boost::asio::co_spawn(*io, std::move(task), [&](std::exception_ptr error, T result) {
            if (error) std::rethrow_exception(error);
            value.emplace(std::move(result));
        });
        EXPECT_TRUE(run_until([&] { return value.has_value(); }, std::chrono::minutes(10)));
        return std::move(*value);
    }

    std::filesystem::path folder;
    test::FakeClock clock;
    SeededRandom random{1};
    test::KieModel kie{clock};
    test::MemoryBlobs blobs;
    log::Logger log{log::Level::error, log::Format::text};
    metrics::Registry metrics;
    JobEnds job_ends{log, metrics};
    Options options;
    std::function<polling::Prior(std::string_view, double)> expected;
    std::function<std::string(const Digest&, std::string_view)> blob_url;
    std::function<std::string(std::string_view, std::string_view, std::string_view, std::uint64_t)> file_fault;
    int queue_changes = 0;
    std::unique_ptr<boost::asio::io_context> io;
    std::unique_ptr<store::SqliteJobStore> store;
    std::unique_ptr<Engine> engine;

  private:
    void open();
};

}  // namespace genq::engine
