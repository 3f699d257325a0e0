#include "tests/sim/world.hpp"

#include <boost/asio/co_spawn.hpp>

#include "tests/support/await.hpp"

namespace genq::sim {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

/// Engines whose process was killed: nothing of them runs again, not even their destructors.
std::vector<std::unique_ptr<engine::Engine>>& dead() {
    static auto& engines = *new std::vector<std::unique_ptr<engine::Engine>>;
    return engines;
}

Kie::Settings kie_settings(const Plan& plan) {
    Dice dice(plan.seed + 2);
    Kie::Settings settings;
    settings.limit_creates_only = dice.chance(0.2);
    settings.aleph_moved = dice.chance(0.5);
    return settings;
}

}  // namespace

World::World(Plan plan)
    : plan_(plan),
      random_(plan.seed),
      dice_(plan.seed + 1),
      kie_(clock_, dice_, weather_, ledger_, kie_settings(plan)),
      calls_(clock_, agenda_, dice_, weather_, ledger_, kie_,
             [this](engine::CallbackCall call, std::function<void(Calls::Verdict)> taken) {
                 deliver(std::move(call), std::move(taken));
             }),
      network_(clock_, agenda_, dice_, weather_, ledger_, kie_) {
    options_.api_key = "sim-key";
    if (kie_settings(plan).limit_creates_only) options_.scope = engine::LimitScope::create;
    ledger_.lost_are_sent_again = Dice(plan.seed + 3).chance(0.15);
    if (ledger_.lost_are_sent_again) options_.on_unknown = engine::OnUnknown::resubmit;
    options_.max_concurrent_tasks = 5 + dice_.below(100);
    if (dice_.chance(0.5)) options_.unknown_grace = std::chrono::seconds(dice_.below(600));
    const auto callbacks = plan_.callbacks.value_or(static_cast<Callbacks>(dice_.below(3)));
    if (callbacks != Callbacks::none) options_.callback_url = callback_host;
    if (callbacks == Callbacks::signed_calls) options_.callback_key = Calls::key;
    kie_.on_task = [this](const std::string& id) { calls_.task_made(id, !options_.callback_key.empty()); };
    pause_between_callers_ = dice_.between(20s, 100s);
    if (!plan_.faults) weather_.calm_down();
    Power::install();
}

World::~World() {
    kill();
}

Outcome World::run() {
    try {
        play();
    } catch (const Violation& violation) {
        outcome_.violated = violation.check;
        outcome_.detail = violation.what();
    }
    outcome_.succeeded = invariants_.in_status(JobStatus::succeeded);
    outcome_.failed = invariants_.in_status(JobStatus::failed);
    outcome_.canceled = invariants_.in_status(JobStatus::canceled);
    outcome_.virtual_time = std::chrono::duration_cast<std::chrono::minutes>(clock_.now() - test::FakeClock().now());
    return std::move(outcome_);
}

void World::play() {
    open_store();
    start();
    plan_callers();
    if (plan_.faults) {
        plan_faults();
        plan_end_of_process();
    }
    run_until(clock_.now() + plan_.duration);
    finish();
}

void World::finish() {
    weather_.calm_down();
    steps_to_live_ = 0;
    commits_to_live_ = 0;
    outcome_.unfinished_at_calm = invariants_.unfinished();
    // No job waits longer for its turn than all before it take, a task than its longest wait, a hold than its probe.
    const SteadyTime calm = clock_.now();
    const SteadyTime bound = calm + 90min + outcome_.unfinished_at_calm * 10s;
    bool resumed = false;
    while (clock_.now() < bound && (!up_ || !resumed || invariants_.unfinished() > 0)) {
        run_until(clock_.now() + 1min);
        if (!up_ || resumed) continue;
        // The operator lifts his own pause; all other holds have to end by themselves.
        const auto snapshot = engine_->snapshot();
        const bool paused = std::ranges::any_of(
            snapshot->holds, [](const store::Hold& hold) { return hold.reason == QueueReason::paused; });
        resumed = !paused || ask(engine_->resume("")).has_value();
    }
    require(up_, "every_job_ends", "no process runs any more");
    for (const auto& [number, order] : ledger_.orders) {
        if (!order.answered) continue;
        invariants_.still_there(order, test::await(observer_, store_->get(*order.id)));
        require(is_terminal(*order.seen), "every_job_ends", "order {} is still {} {} min after the last fault", number,
                to_string(*order.seen), (clock_.now() - calm) / 1min);
    }
    stop();
    Invariants::database_agrees(folder_ / "genqd.db");
}

void World::run_until(SteadyTime end) {
    for (;;) {
        while (step()) {
        }
        const SteadyTime next = std::min(agenda_.next(), clock_.next_wake());
        if (next > end) break;
        clock_.move_to(next);
        agenda_.run_due();
    }
    clock_.move_to(end);
}

bool World::step() {
    if (!io_) return false;
    if (io_->stopped()) io_->restart();
    if (io_->poll_one() == 0) return false;
    ++ledger_.steps;
    const auto commits = ledger_.commits;
    look_at_changes();
    if (up_) invariants_.of_memory(*engine_->snapshot(), clock_.sleepers(), options_.max_concurrent_tasks);
    const bool committed = commits != ledger_.commits;
    const auto runs_out = [](int& left) {
        if (left == 0) return false;
        --left;
        return left == 0;
    };
    const bool by_steps = runs_out(steps_to_live_);
    const bool by_commits = committed && runs_out(commits_to_live_);
    const bool planned = (plan_.crash_at_step && ledger_.steps == *plan_.crash_at_step) ||
                         (committed && plan_.crash_at_commit && ledger_.commits == *plan_.crash_at_commit);
    if (by_steps || by_commits || planned) crash();
    return true;
}

void World::look_at_changes() {
    if (changed_.empty()) return;
    ++ledger_.commits;
    const auto rows = std::exchange(changed_, {});
    for (const std::int64_t row : rows) {
        const auto page = test::await(observer_, store_->list({}, row + 1, 1));
        require(page && page->jobs.size() == 1 && page->jobs.front().id.row() == row, "no_accepted_job_is_lost",
                "row {} was written and is not there", row);
        invariants_.after_change(page->jobs.front());
    }
    invariants_.batches_are_whole();
}

void World::open_store() {
    io_ = std::make_unique<asio::io_context>();
    store::SqliteOptions options;
    options.path = folder_ / "genqd.db";
    options.threaded = false;
    options.on_change = [this](const std::vector<std::int64_t>& rows) {
        changed_.insert(changed_.end(), rows.begin(), rows.end());
    };
    auto opened = store::SqliteJobStore::open(options, clock_, random_);
    if (!opened) throw std::runtime_error(opened.error().detail);
    store_ = std::move(*opened);
    disk_ = std::make_unique<FullDiskStore>(*store_, weather_);
    const auto stats = test::await(observer_, store_->stats());
    require(stats.has_value(), "no_accepted_job_is_lost", "the store can't be read: {}",
            stats ? "" : stats.error().detail);
    invariants_.after_reopening(*stats);
    invariants_.batches_are_whole();
    Invariants::database_agrees(folder_ / "genqd.db");
}

void World::start() {
    if (engine_) return;  // it died while it was stopped, and is back already
    if (!store_) open_store();
    engine_ = std::make_unique<engine::Engine>(
        io_->get_executor(), engine::Ports{clock_, random_, network_, *disk_, blobs_, log_, metrics_, [] {}}, options_);
    asio::co_spawn(*io_, engine_->start(), [this](const std::exception_ptr& error, Result<void> started) {
        if (error) std::rethrow_exception(error);
        if (!started) {  // a full disk, say: the service manager tries again
            ledger_.fault("start refused");
            steps_to_live_ = 1;
            return;
        }
        up_ = true;
        send_all_unanswered();
    });
}

void World::excuse_creates_in_flight() {
    network_.process_ended();
    for (auto& [number, order] : ledger_.orders) {
        if (order.seen != JobStatus::submitting) continue;
        // Answered, and there was time and room to write that down: then the answer must not be lost.
        const bool had_time = order.answered_at && clock_.now() - *order.answered_at > 60s &&
                              clock_.now() - disk_full_until_ > 60s && !weather_.on(Spell::full_disk);
        if (had_time) continue;
        order.answer_lost = true;
        ++order.lost_answers;
    }
}

void World::crash() {
    ++ledger_.crashes;
    ledger_.note("crash");
    excuse_creates_in_flight();
    up_ = false;
    stopping_ = false;
    steps_to_live_ = 0;
    commits_to_live_ = 0;
    // A killed process leaves what it wrote, a machine without power what it synced, and of the rest anything.
    const bool power_lost = plan_.power_lost.value_or(dice_.chance(0.5));
    if (power_lost) {
        ledger_.fault("power lost");
        const auto left = Power::left(folder_.path(), Dice(plan_.seed + static_cast<std::uint64_t>(ledger_.crashes)));
        kill();
        Power::restore(folder_.path(), left);
    } else {
        kill();
    }
    agenda_.in(dice_.chance(0.7) ? dice_.between(0s, 3s) : dice_.between(3s, 10min), [this] { start(); });
}

void World::kill() {
    io_.reset();  // nothing of the process runs any more: handlers and coroutines are dropped where they stand
    if (engine_) dead().push_back(std::move(engine_));
    disk_.reset();
    store_.reset();
}

void World::stop() {
    if (!up_ || stopping_) return;
    stopping_ = true;
    ledger_.note("stop");
    auto stopped = std::make_shared<bool>(false);
    asio::co_spawn(*io_, engine_->stop(45s), [stopped](const std::exception_ptr& error) {
        if (error) std::rethrow_exception(error);
        *stopped = true;
    });
    const SteadyTime bound = clock_.now() + 2min;
    const auto crashes = ledger_.crashes;
    while (!*stopped && clock_.now() < bound && crashes == ledger_.crashes) run_until(clock_.now() + 10ms);
    if (crashes != ledger_.crashes) return;
    require(*stopped, "a_stop_ends", "the engine does not stop");
    excuse_creates_in_flight();
    up_ = false;
    stopping_ = false;
    while (step()) {
    }
    engine_.reset();
    io_.reset();
    disk_.reset();
    store_.reset();
    ++ledger_.restarts;
}

template <class T>
T World::ask(asio::awaitable<T> task) {
    std::optional<T> value;
    asio::co_spawn(*io_, std::move(task), [&value](const std::exception_ptr& error, T result) {
        if (error) std::rethrow_exception(error);
        value.emplace(std::move(result));
    });
    const SteadyTime bound = clock_.now() + 1min;
    while (!value && clock_.now() < bound) run_until(clock_.now() + 10ms);
    require(value.has_value(), "a_question_is_answered", "the engine gave no answer within a minute");
    return std::move(*value);
}

}  // namespace genq::sim
