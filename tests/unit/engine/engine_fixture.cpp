#include "tests/unit/engine/engine_fixture.hpp"

#include <cstdlib>

#include "server/store/sqlite/copy.hpp"

namespace genq::engine {

namespace asio = boost::asio;

EngineTest::EngineTest() {
    std::string name = (std::filesystem::temp_directory_path() / "genq-engine-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder = name;
    options.api_key = "test-key";
    open();
}

EngineTest::~EngineTest() {
    if (engine) stop();
    engine.reset();
    store.reset();
    io.reset();
    std::filesystem::remove_all(folder);
}

void EngineTest::open() {
    io = std::make_unique<asio::io_context>();
    store::SqliteOptions settings;
    settings.path = (folder / "genqd.db").string();
    settings.threaded = false;
    settings.synchronous = store::Synchronous::normal;
    settings.on_end = [this](const std::vector<store::JobEnd>& ended) { job_ends.take(ended); };
    auto opened = store::SqliteJobStore::open(settings, clock, random);
    if (!opened) throw std::runtime_error(opened.error().detail);
    store = std::move(*opened);
}

void EngineTest::start() {
    Ports ports{clock,    random,   kie,       *store, blobs, log, metrics, [this] { ++queue_changes; },
                expected, blob_url, file_fault};
    engine = std::make_unique<Engine>(io->get_executor(), std::move(ports), options);
    const auto started = run(engine->start());
    ASSERT_TRUE(started) << started.error().detail;
}

void EngineTest::stop(std::chrono::milliseconds grace) {
    bool stopped = false;
    asio::co_spawn(*io, engine->stop(grace), [&](const std::exception_ptr&) { stopped = true; });
    EXPECT_TRUE(run_until([&] { return stopped; }, grace + std::chrono::seconds(60)));
    engine.reset();
}

void EngineTest::crash() {
    // What is on disk now is what the next process finds; the old engine's end must not change it.
    const auto copy = folder / "crashed.db";
    for (const char* suffix : {"", "-wal", "-shm"}) {
        const auto from = (folder / "genqd.db").string() + suffix;
        if (std::filesystem::exists(from)) std::filesystem::copy_file(from, copy.string() + suffix);
    }
    stop(std::chrono::milliseconds(0));
    store.reset();
    for (const char* suffix : {"", "-wal", "-shm"}) {
        const auto to = (folder / "genqd.db").string() + suffix;
        std::filesystem::remove(to);
        if (std::filesystem::exists(copy.string() + suffix)) std::filesystem::rename(copy.string() + suffix, to);
    }
    open();
}

void EngineTest::restore() {
    const auto database = (folder / "genqd.db").string();
    const auto copy = (folder / "copy.db").string();
    const auto copied = store::copy_database(database, copy, clock.wall_now());
    ASSERT_TRUE(copied) << copied.error().detail;
    stop(std::chrono::milliseconds(0));
    store.reset();
    std::filesystem::rename(copy, database);
    open();
}

NewJob EngineTest::market_job(std::string model) {
    NewJob job;
    job.model = model;
    job.wire_model = std::move(model);
    job.family = Family::market;
    job.kind = "image";
    job.profile = PollProfile::image;
    job.input = R"({"prompt":"a lake"})";
    job.caller = "ann";
    return job;
}

JobId EngineTest::accept(std::string model, std::string caller, int priority) {
    NewJob job = market_job(std::move(model));
    job.caller = std::move(caller);
    job.priority = priority;
    return accept(std::move(job));
}

JobId EngineTest::accept(NewJob job) {
    const auto accepted = run(store->accept(std::move(job), std::nullopt));
    EXPECT_TRUE(accepted);
    if (engine) engine->wake();
    return accepted->job.id;
}

Job EngineTest::get(JobId id) {
    auto job = run(store->get(id));
    EXPECT_TRUE(job);
    return *job;
}

bool EngineTest::reaches(JobId id, JobStatus status, std::chrono::milliseconds limit) {
    const SteadyTime end = clock.now() + limit;
    while (get(id).status != status) {
        if (clock.now() >= end) return false;
        advance(std::chrono::milliseconds(100));
    }
    return true;
}

}  // namespace genq::engine
