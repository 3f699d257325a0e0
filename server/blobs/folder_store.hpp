#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "common/async/worker_pool.hpp"
#include "common/core/clock.hpp"
#include "server/blobs/blob_folder.hpp"
#include "server/blobs/blob_store.hpp"

namespace genq::blobs {

/// Blobs as files: `sha256/ab/cd/<64 hex>` below a folder, written in `tmp/` beside it and renamed when whole. What
/// touches the disk runs on the pool's threads, which must outlive the store, as the store must its writers.
class FolderStore final : public BlobStore {
  public:
    /// Makes the folders that are missing and empties `tmp/`, where a process that died may have left pieces. Blocks:
    /// for the start of a program. `dir` is `<state>/blobs`. errc::forbidden, storage_full, io.
    [[nodiscard]] static Result<std::unique_ptr<FolderStore>> open(std::string dir, async::WorkerPool& pool);

    [[nodiscard]] Result<std::unique_ptr<BlobWriter>> create() override;
    [[nodiscard]] boost::asio::awaitable<Result<OpenBlob>> open(Digest digest) override;
    [[nodiscard]] boost::asio::awaitable<Result<BlobInfo>> describe(Digest digest) override;
    [[nodiscard]] boost::asio::awaitable<Result<std::string>> read(Digest digest, std::uint64_t offset,
                                                                   std::size_t bytes) override;
    [[nodiscard]] boost::asio::awaitable<Result<void>> remove(Digest digest) override;
    [[nodiscard]] Result<std::uint64_t> free_bytes() const override;

    /// Reads a blob and compares it with its digest. A damaged one is put aside, durably, so that it is never given
    /// out; then false. errc::not_found; errc::io: the disk does not give it, and it is left where it is.
    [[nodiscard]] boost::asio::awaitable<Result<bool>> check(Digest digest);
    /// Removes a blob that was neither stored nor stored again since `before`; true if it did. Whoever stores a blob
    /// lists it soon after, so what nobody lists and nobody stored for a day is nobody's. A dry run only says what it
    /// would do. errc::not_found.
    [[nodiscard]] boost::asio::awaitable<Result<bool>> remove_unused(Digest digest, WallTime before, bool dry_run);
    /// How many blobs are known to be damaged or not readable, found by whoever read them, and not yet put back. Any
    /// thread; looks at no file.
    [[nodiscard]] std::size_t damaged() const { return folder_.damaged(); }
    /// damaged(), without those that somebody gave up by taking their files out of `damaged/`.
    [[nodiscard]] boost::asio::awaitable<std::size_t> recount_damaged();
    /// Where a blob lies, or would lie. For tools that walk the store.
    [[nodiscard]] std::string path_of(const Digest& digest) const;

  private:
    FolderStore(std::string dir, async::WorkerPool& pool) : folder_(std::move(dir)), pool_(pool) {}

    BlobFolder folder_;
    async::WorkerPool& pool_;
    std::atomic<std::uint64_t> next_{0};  // names temporary files
};

}  // namespace genq::blobs
