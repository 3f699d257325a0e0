#pragma once
#include <boost/asio/io_context.hpp>
#include <memory>
#include <set>

#include "common/metrics/registry.hpp"
#include "server/store/sqlite/sqlite_job_store.hpp"
#include "tests/sim/calls.hpp"
#include "tests/sim/invariants.hpp"
#include "tests/sim/network.hpp"
#include "tests/sim/power.hpp"
#include "tests/support/temp_folder.hpp"

namespace genq::sim {

/// How kie.ai is to call back.
enum class Callbacks { none, hints, signed_calls };

/// What a run is made of. All else comes from the seed.
struct Plan {
    std::uint64_t seed = 1;
    std::chrono::minutes duration{60};  // with faults; then they stop, and every job has to end
    bool faults = true;
    std::optional<Callbacks> callbacks{};  // else as the seed says
    std::optional<int> jobs_at_start{};    // these and no others; else callers come all the time, as the seed says
    std::optional<std::int64_t> crash_at_commit{};  // dies right after the commit with this number, before its answer
    std::optional<std::int64_t> crash_at_step{};    // dies after so many steps
    std::optional<bool> power_lost{};               // with each death, or with none; else as the seed says
};

/// What became of a run.
struct Outcome {
    Ledger ledger;
    std::string violated;  // the name of a check, "" when all held
    std::string detail;
    std::int64_t succeeded = 0;
    std::int64_t failed = 0;
    std::int64_t canceled = 0;
    std::chrono::minutes virtual_time{0};
    std::int64_t unfinished_at_calm = 0;
};

/// The whole daemon below its API, on one thread and a virtual clock, with callers, kie.ai, a network, a disk and an
/// operator around it. Runs one handler of the event loop at a time, checks, and may end the process after any.
class World {
  public:
    explicit World(Plan plan);
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    /// Runs the plan to its end or to the first violation. Once.
    [[nodiscard]] Outcome run();

  private:
    void play();
    void run_until(SteadyTime end);
    [[nodiscard]] bool step();
    void look_at_changes();
    void finish();

    // The process.
    void open_store();
    void start();
    void crash();
    void kill();
    void stop();
    void excuse_creates_in_flight();
    template <class T>
    [[nodiscard]] T ask(boost::asio::awaitable<T> task);

    // What comes from outside (outside.cpp).
    void plan_callers();
    void plan_faults();
    void plan_end_of_process();
    void submit(int number);
    void submit_batch(int jobs);
    [[nodiscard]] Order make_order(int number);
    void refer_to_others(Order& order);
    void send(int number);
    void send_batch(int number);
    void send_all_unanswered();
    void meddle();
    void begin(Spell spell, std::chrono::milliseconds duration);
    void stranger();
    void deliver(engine::CallbackCall call, std::function<void(Calls::Verdict)> taken);

    Plan plan_;
    Outcome outcome_;
    Ledger& ledger_ = outcome_.ledger;
    test::TempFolder folder_;
    test::FakeClock clock_;
    SeededRandom random_;  // the daemon's
    Dice dice_;            // the world's
    Agenda agenda_{clock_};
    Weather weather_;
    Kie kie_;
    Calls calls_;
    Network network_;
    Blobs blobs_{clock_, weather_};
    Invariants invariants_{clock_, ledger_, blobs_};
    log::Logger log_{log::Level::error, log::Format::text};
    metrics::Registry metrics_;
    engine::Options options_;

    boost::asio::io_context observer_;  // for the checks' own reads
    std::unique_ptr<boost::asio::io_context> io_;
    std::unique_ptr<store::SqliteJobStore> store_;
    std::unique_ptr<FullDiskStore> disk_;
    std::unique_ptr<engine::Engine> engine_;
    bool up_ = false;        // the engine has started
    bool stopping_ = false;  // and is being stopped
    std::vector<std::int64_t> changed_;
    int steps_to_live_ = 0;    // > 0: the process dies after so many steps
    int commits_to_live_ = 0;  // > 0: after so many commits
    int next_order_ = 1;
    std::chrono::milliseconds pause_between_callers_{0};
    SteadyTime disk_full_until_{};  // the last time
};

}  // namespace genq::sim
