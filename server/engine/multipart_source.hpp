#pragma once
#include <cstdint>

#include "common/http/transport.hpp"
#include "server/blobs/blob_store.hpp"
#include "server/upstream/uploads.hpp"

namespace genq::engine {

/// The parts of a multipart body, the file read from the blob store piece by piece while it goes out. Refers to the
/// store. errc::corrupt: the blob is shorter than `bytes`; else the store's errors.
class MultipartSource final : public http::BodySource {
  public:
    MultipartSource(blobs::BlobStore& blobs, Digest digest, std::uint64_t bytes, upstream::MultipartFrame frame)
        : blobs_(blobs), digest_(std::move(digest)), bytes_(bytes), frame_(std::move(frame)) {}

    [[nodiscard]] std::uint64_t size() const override { return frame_.before.size() + bytes_ + frame_.after.size(); }
    [[nodiscard]] boost::asio::awaitable<Result<std::string>> read(std::uint64_t offset, std::size_t bytes) override;

  private:
    blobs::BlobStore& blobs_;
    Digest digest_;
    std::uint64_t bytes_;
    upstream::MultipartFrame frame_;
};

}  // namespace genq::engine
