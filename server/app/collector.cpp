#include "server/app/collector.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <optional>

#include "common/core/random.hpp"
#include "server/app/state_dir.hpp"
#include "server/blobs/folder_files.hpp"
#include "server/store/sqlite/sqlite_job_store.hpp"

namespace genq::app {

namespace asio = boost::asio;

namespace {

constexpr int batch = 100;

store::EndedFilter filter_of(const RetentionSection& rules) {
    store::EndedFilter filter;
    for (const std::string& label : rules.keep_labels) {
        const auto equals = label.find('=');
        filter.keep.emplace_back(label.substr(0, equals), label.substr(equals + 1));
    }
    return filter;
}

}  // namespace

Collector::Collector(store::JobStore& store, blobs::FolderStore& blobs, std::string state_dir, async::WorkerPool& pool,
                     Clock& clock, std::function<void(JobId)> erased)
    : store_(store),
      blobs_(blobs),
      state_dir_(std::move(state_dir)),
      pool_(pool),
      clock_(clock),
      erased_(std::move(erased)) {}

asio::awaitable<Result<Collected>> Collector::run(RetentionSection rules, bool dry_run) {
    // Before a job is deleted: who may not have its blobs either is not to find that out half way.
    if (const auto may = co_await pool_.run([this] { return keep_blobs(state_dir_); }); !may) {
        co_return std::unexpected(may.error());
    }
    Collected done;
    auto filter = filter_of(rules);
    if (rules.max_bytes > 0) {
        auto beyond = filter;
        beyond.with_blobs = true;
        if (auto forgot = co_await forget_beyond(beyond, rules.max_bytes, dry_run, done); !forgot) {
            co_return std::unexpected(forgot.error());
        }
    }
    if (rules.max_age_days > 0) {
        filter.finished_before = clock_.wall_now() - std::chrono::hours(24 * rules.max_age_days);
        if (auto forgot = co_await forget_old(filter, dry_run, done); !forgot)
            co_return std::unexpected(forgot.error());
    }
    if (auto swept = co_await sweep(dry_run, done); !swept) co_return std::unexpected(swept.error());
    co_return done;
}

asio::awaitable<Result<bool>> Collector::forget(const Job& job, bool dry_run, Collected& done) {
    if (!dry_run) {
        const auto erased = co_await store_.erase(job.id);
        // Taken up again meanwhile, or deleted by somebody else: not ours any more.
        if (!erased && (erased.error().code == errc::conflict || erased.error().code == errc::not_found))
            co_return false;
        if (!erased) co_return std::unexpected(erased.error());
        erased_(job.id);
    }
    ++done.jobs;
    co_return true;
}

asio::awaitable<Result<void>> Collector::forget_old(store::EndedFilter filter, bool dry_run, Collected& done) {
    for (std::int64_t after = -1;;) {
        const auto jobs = co_await store_.ended(filter, after, batch);
        if (!jobs) co_return std::unexpected(jobs.error());
        for (const Job& job : *jobs) {
            after = job.id.row();
            if (auto gone = co_await forget(job, dry_run, done); !gone) co_return std::unexpected(gone.error());
        }
        if (jobs->size() < batch) co_return Result<void>{};
    }
}

asio::awaitable<Result<void>> Collector::forget_beyond(store::EndedFilter filter, std::int64_t max_bytes, bool dry_run,
                                                       Collected& done) {
    const auto stats = co_await store_.stats();
    if (!stats) co_return std::unexpected(stats.error());
    std::int64_t beyond = stats->blob_bytes - max_bytes;
    for (std::int64_t after = -1; beyond > 0;) {
        const auto jobs = co_await store_.ended(filter, after, batch);
        if (!jobs) co_return std::unexpected(jobs.error());
        for (const Job& job : *jobs) {
            if (beyond <= 0) co_return Result<void>{};
            after = job.id.row();
            const auto gone = co_await forget(job, dry_run, done);
            if (!gone) co_return std::unexpected(gone.error());
            if (!*gone) continue;
            for (const Output& output : job.outputs) beyond -= static_cast<std::int64_t>(output.bytes);
        }
        if (jobs->size() < batch) co_return Result<void>{};
    }
    co_return Result<void>{};
}

asio::awaitable<Result<void>> Collector::sweep(bool dry_run, Collected& done) {
    const auto found = co_await pool_.run([dir = state_dir_ + "/blobs"] { return blobs::survey(dir); });
    if (!found) co_return std::unexpected(found.error());
    const WallTime before = clock_.wall_now() - unlisted_for;
    for (std::size_t i = 0; i < found->digests.size();) {
        // For a few blobs at a time: a backup that begins waits for nobody.
        const auto kept = co_await pool_.run([this] { return keep_blobs(state_dir_); });
        if (!kept) co_return std::unexpected(kept.error());
        for (const auto end = std::min(i + batch, found->digests.size()); i < end; ++i) {
            const Digest& digest = found->digests[i];
            const auto listed = co_await store_.lists_blob(digest);
            if (!listed) co_return std::unexpected(listed.error());
            if (*listed) continue;
            const auto gone = co_await blobs_.remove_unused(digest, before, dry_run);
            if (!gone && gone.error().code != errc::not_found) co_return std::unexpected(gone.error());
            if (gone && *gone) ++done.blobs;
        }
    }
    co_return Result<void>{};
}

Result<fs::FileLock> keep_blobs(const std::string& state_dir) {
    auto lock = fs::FileLock::acquire(state_dir + "/blobs.lock");
    if (!lock && lock.error().code == errc::busy) {
        lock.error().detail =
            "A backup of " + state_dir + " is being made, or its blobs are being collected: try again.";
    }
    return lock;
}

Result<Collected> collect_offline(const std::string& state_dir, const RetentionSection& rules, bool dry_run) {
    const auto database = state_dir + "/genqd.db";
    if (!std::filesystem::exists(database)) {
        return fail(errc::not_found, "There is no database " + database + ".");
    }
    const auto held = StateDir::open(state_dir);
    if (!held) return std::unexpected(held.error());
    SystemClock clock;
    SystemRandom random;
    async::WorkerPool pool(1);
    store::SqliteOptions options;
    options.path = held->database();
    auto store = store::SqliteJobStore::open(std::move(options), clock, random);
    if (!store) return std::unexpected(store.error());
    auto blobs = blobs::FolderStore::open(held->path() + "/blobs", pool);
    if (!blobs) return std::unexpected(blobs.error());
    Collector collector(**store, **blobs, held->path(), pool, clock, [](JobId) {});
    asio::io_context io;
    std::optional<Result<Collected>> done;
    asio::co_spawn(io, collector.run(rules, dry_run), [&](const std::exception_ptr& error, Result<Collected> result) {
        if (error) std::rethrow_exception(error);
        done.emplace(std::move(result));
    });
    io.run();
    return std::move(*done);
}

}  // namespace genq::app
