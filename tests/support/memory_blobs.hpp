#pragma once
#include <map>
#include <string>

#include "server/blobs/blob_store.hpp"

namespace genq::test {

/// Blobs in memory, for tests on a virtual clock. One thread.
class MemoryBlobs final : public blobs::BlobStore {
  public:
    [[nodiscard]] Result<std::unique_ptr<blobs::BlobWriter>> create() override;
    /// errc::unsupported: there is no file to send.
    [[nodiscard]] boost::asio::awaitable<Result<blobs::OpenBlob>> open(Digest digest) override;
    [[nodiscard]] boost::asio::awaitable<Result<blobs::BlobInfo>> describe(Digest digest) override;
    [[nodiscard]] boost::asio::awaitable<Result<std::string>> read(Digest digest, std::uint64_t offset,
                                                                   std::size_t bytes) override;
    [[nodiscard]] boost::asio::awaitable<Result<void>> remove(Digest digest) override;
    [[nodiscard]] Result<std::uint64_t> free_bytes() const override { return free; }

    std::map<Digest, std::string> blobs;
    std::uint64_t free = 1ULL << 40U;
    bool full = false;  ///< writes fail for want of space
};

}  // namespace genq::test
