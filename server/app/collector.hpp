#pragma once
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "common/async/worker_pool.hpp"
#include "common/core/clock.hpp"
#include "common/fs/file_lock.hpp"
#include "server/app/config.hpp"
#include "server/blobs/folder_store.hpp"
#include "server/store/job_store.hpp"

namespace genq::app {

struct Collected {
    std::uint64_t jobs = 0;   // deleted, or to be deleted in a dry run
    std::uint64_t blobs = 0;  // likewise; those whose job goes in the same dry run are not among them
};

/// Deletes what the retention rules give up: first jobs, each in a transaction, then blobs that no job lists and that
/// nobody stored for a day (DESIGN.md, "Retention"). Cut off anywhere it leaves blobs that the next run finds.
class Collector {
  public:
    /// A blob that nobody lists is left alone for so long: whoever stored it may be about to list it.
    static constexpr std::chrono::hours unlisted_for{24};

    /// `erased` is told of each job.
    Collector(store::JobStore& store, blobs::FolderStore& blobs, std::string state_dir, async::WorkerPool& pool,
              Clock& clock, std::function<void(JobId)> erased);

    /// errc::busy: a backup is being made, so that no blob may go. If it began before this run, no job is deleted
    /// either. Else the store's errors.
    [[nodiscard]] boost::asio::awaitable<Result<Collected>> run(RetentionSection rules, bool dry_run);

  private:
    [[nodiscard]] boost::asio::awaitable<Result<void>> forget_old(store::EndedFilter filter, bool dry_run,
                                                                  Collected& done);
    [[nodiscard]] boost::asio::awaitable<Result<void>> forget_beyond(store::EndedFilter filter, std::int64_t max_bytes,
                                                                     bool dry_run, Collected& done);
    [[nodiscard]] boost::asio::awaitable<Result<bool>> forget(const Job& job, bool dry_run, Collected& done);
    [[nodiscard]] boost::asio::awaitable<Result<void>> sweep(bool dry_run, Collected& done);

    store::JobStore& store_;
    blobs::FolderStore& blobs_;
    const std::string state_dir_;
    async::WorkerPool& pool_;
    Clock& clock_;
    const std::function<void(JobId)> erased_;
};

/// Keeps blobs where they are for as long as it lives: a backup's copies of the database list them. errc::busy: another
/// process has it.
[[nodiscard]] Result<fs::FileLock> keep_blobs(const std::string& state_dir);

/// `genqd gc`: opens the state directory, which no daemon may be using, and collects. errc::busy: one does;
/// errc::not_found: there is no database. Blocks.
[[nodiscard]] Result<Collected> collect_offline(const std::string& state_dir, const RetentionSection& rules,
                                                bool dry_run);

}  // namespace genq::app
