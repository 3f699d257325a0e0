#include "tests/integration/callbacks/world.hpp"

#include <gtest/gtest.h>

namespace genq::test {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {
constexpr auto patience = 60s;
}

void CurrentEngine::set(std::shared_ptr<engine::Engine> engine) {
    const std::lock_guard lock(mutex_);
    engine_ = std::move(engine);
}

std::shared_ptr<engine::Engine> CurrentEngine::get() const {
    const std::lock_guard lock(mutex_);
    return engine_;
}

std::shared_ptr<const engine::Snapshot> CurrentEngine::snapshot() const {
    const auto engine = get();
    return engine ? engine->snapshot() : std::make_shared<const engine::Snapshot>();
}

void CurrentEngine::wake() {
    if (const auto engine = get()) engine->wake();
}

void CurrentEngine::job_changed(JobId id) {
    if (const auto engine = get()) engine->job_changed(id);
}

asio::awaitable<Result<void>> CurrentEngine::pause(engine::PauseRequest request) {
    co_return co_await get()->pause(std::move(request));
}

asio::awaitable<Result<void>> CurrentEngine::release_restored(bool fail_queued) {
    co_return co_await get()->release_restored(fail_queued);
}

asio::awaitable<Result<void>> CurrentEngine::resume(std::string model) {
    co_return co_await get()->resume(std::move(model));
}

asio::awaitable<Result<double>> CurrentEngine::credits() {
    co_return co_await get()->credits();
}

asio::awaitable<Result<engine::CallbackVerdict>> CurrentEngine::callback(engine::CallbackCall call) {
    const auto engine = get();
    if (!engine) co_return fail(errc::busy, "not up");
    co_return co_await engine->callback(std::move(call));
}

World::World(Setup setup) : setup_(std::move(setup)) {
    sandbox::Options stand_in;
    stand_in.time_scale = 40;
    stand_in.duration_s = 8;
    stand_in.limit_requests = 0;
    stand_in.hmac_key = setup_.sandbox_key;
    stand_in.faults = setup_.faults;
    sandbox_.emplace(io_, clock_, random_, net_, log_, std::move(stand_in));
    store::SqliteOptions settings;
    settings.path = folder_ / "genqd.db";
    settings.on_change = [this](const std::vector<std::int64_t>& rows) { feed_.publish(rows); };
    store_ = std::move(store::SqliteJobStore::open(std::move(settings), clock_, random_).value());
    blobs_ = std::move(blobs::FolderStore::open(folder_ / "blobs", workers_).value());
    const std::shared_ptr<const catalogue::Catalogue> catalogue = catalogue::Catalogue::load("").value();
    const auto tokens = std::make_shared<const api::TokenSet>();
    const auto keys = std::make_shared<const api::UrlKeys>(std::vector<std::string>{"key"});
    events_.emplace(*store_, clock_, log_, committed_);
    api_.emplace(api::Services{*store_, feed_, *events_, workers_, *blobs_, engine_, [catalogue] { return catalogue; },
                               [tokens] { return tokens; }, clock_, random_, log_, metrics_, [keys] { return keys; }},
                 api::Options{});
    http::ServerOptions server;
    server.listen = {"127.0.0.1:0"};
    http_.emplace(io_, std::move(server), *api_, log_);
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { io_.run(); });
    EXPECT_TRUE(sandbox_->start());
    EXPECT_TRUE(http_->start());
    start_engine();
}

World::~World() {
    drop_engine();
    run_void(sandbox_->stop());
    run_void(http_->stop(1s));
    work_.reset();
    for (auto& thread : threads_) thread.join();
}

void World::start_engine() {
    engine::Options options;
    options.base_url = sandbox_->base_url();
    options.api_key = "key";
    options.allow_private = true;
    options.min_free_bytes = 0;
    options.timeout = setup_.timeout;
    options.on_unknown = setup_.on_unknown;
    options.straggler = 0ms;
    options.limit_window = 100ms;  // so that a second start need not wait
    // Who polls asks many times before a task is done.
    options.poll.fill({.first = 50ms, .interval = 50ms});
    if (setup_.callbacks) {
        options.callback_url = "http://" + http_->addresses().front();
        options.callback_key = setup_.callback_key;
    }
    auto engine = std::make_shared<engine::Engine>(
        io_.get_executor(), engine::Ports{clock_, random_, net_, *store_, *blobs_, log_, metrics_, [] {}}, options);
    EXPECT_TRUE(run(engine->start()));
    engine_.set(std::move(engine));
}

void World::drop_engine() {
    const auto engine = engine_.get();
    if (!engine) return;
    engine_.set(nullptr);
    run_void(engine->stop(0ms));
}

JobId World::accept(NewJob job) {
    const auto accepted = run(store_->accept(std::move(job), std::nullopt));
    EXPECT_TRUE(accepted);
    engine_.wake();
    return accepted->job.id;
}

Job World::wait_for(JobId id, const std::function<bool(const Job&)>& enough) {
    auto ticket = feed_.watch(id.row());
    for (;;) {
        Job job = get(id);
        if (enough(job)) return job;
        if (!run(ticket.wait(clock_.now() + patience))) return get(id);
    }
}

Job World::end_of(JobId id) {
    return wait_for(id, [](const Job& job) { return is_terminal(job.status); });
}

void World::retry(JobId id, bool resubmit) {
    store::RetryOptions options;
    options.resubmit = resubmit;
    options.next_poll_at = clock_.wall_now();
    EXPECT_TRUE(run(store_->retry(id, options, std::nullopt)));
    engine_.job_changed(id);
}

std::uint64_t World::requests() const {
    std::uint64_t count = 0;
    for (const auto& [endpoint, times] : ledger().requests) count += endpoint.contains(" /api/") ? times : 0;
    return count;
}

}  // namespace genq::test
