#pragma once
#include <string>
#include <vector>

#include "common/async/worker_pool.hpp"
#include "common/crypto/sha256.hpp"
#include "common/fs/descriptor.hpp"
#include "server/blobs/blob_folder.hpp"
#include "server/blobs/blob_store.hpp"

namespace genq::blobs {

/// A blob on its way into a FolderStore. Small pieces are gathered, so that a download does not hop to the pool with
/// each read from its socket.
class FolderWriter final : public BlobWriter {
  public:
    /// `file` is open for writing at `temporary`, empty.
    FolderWriter(fs::Descriptor file, std::string temporary, BlobFolder& folder, async::WorkerPool& pool);
    ~FolderWriter() override;

    [[nodiscard]] boost::asio::awaitable<Result<void>> write(std::span<const std::byte> bytes) override;
    [[nodiscard]] std::uint64_t size() const override { return size_; }
    [[nodiscard]] Result<void> restart() override;
    [[nodiscard]] boost::asio::awaitable<Result<BlobInfo>> commit() override;

  private:
    // On the pool's threads, one at a time.
    [[nodiscard]] Result<void> append(std::span<const std::byte> bytes);
    [[nodiscard]] Result<BlobInfo> finish();

    fs::Descriptor file_;
    const std::string temporary_;
    BlobFolder& folder_;
    async::WorkerPool& pool_;
    std::vector<std::byte> gathered_;
    crypto::Sha256 hash_;
    std::string head_;  // the first bytes, to tell the media type by
    std::uint64_t size_ = 0;
};

}  // namespace genq::blobs
