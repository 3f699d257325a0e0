#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "common/async/worker_pool.hpp"
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
    [[nodiscard]] boost::asio::awaitable<Result<void>> remove(Digest digest) override;
    [[nodiscard]] Result<std::uint64_t> free_bytes() const override;

    /// Where a blob lies, or would lie. For tools that walk the store.
    [[nodiscard]] std::string path_of(const Digest& digest) const;

  private:
    FolderStore(std::string dir, async::WorkerPool& pool) : dir_(std::move(dir)), pool_(pool) {}

    const std::string dir_;
    async::WorkerPool& pool_;
    std::atomic<std::uint64_t> next_{0};  // names temporary files
};

}  // namespace genq::blobs
