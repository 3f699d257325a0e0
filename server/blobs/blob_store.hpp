#pragma once
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "common/core/error.hpp"
#include "common/http/server.hpp"
#include "server/domain/ids.hpp"

namespace genq::blobs {

struct BlobInfo {
    Digest digest;
    std::uint64_t bytes = 0;
    std::string media_type;  // sniffed from the first bytes
};

/// A blob that is there, for sending out.
struct OpenBlob {
    http::FileBody body;
    std::string media_type;  // sniffed from the first bytes
};

/// A blob that is being written: bytes are hashed as they come, and nothing is visible before commit(). Destroying an
/// uncommitted writer removes its temporary file. One coroutine at a time.
class BlobWriter {
  public:
    virtual ~BlobWriter() = default;
    /// errc::storage_full, errc::io. After an error only restart() or destruction make sense.
    [[nodiscard]] virtual boost::asio::awaitable<Result<void>> write(std::span<const std::byte> bytes) = 0;
    [[nodiscard]] virtual std::uint64_t size() const = 0;
    /// Drops what was written.
    [[nodiscard]] virtual Result<void> restart() = 0;
    /// Syncs the file, renames it to its digest and syncs the folder: from then on the blob survives power loss.
    [[nodiscard]] virtual boost::asio::awaitable<Result<BlobInfo>> commit() = 0;
};

/// Content-addressed bytes. Never changes or replaces a blob that is there. Any strand.
class BlobStore {
  public:
    virtual ~BlobStore() = default;
    [[nodiscard]] virtual Result<std::unique_ptr<BlobWriter>> create() = 0;
    /// The whole blob; errc::not_found; errc::corrupt: it was found damaged, and is not given out.
    [[nodiscard]] virtual boost::asio::awaitable<Result<OpenBlob>> open(Digest digest) = 0;
    /// What open() would give. errc::not_found, corrupt.
    [[nodiscard]] virtual boost::asio::awaitable<Result<BlobInfo>> describe(Digest digest) = 0;
    /// Up to `bytes` bytes of a blob from `offset`, at least one while there are any. errc::not_found, corrupt (as
    /// open() has them), io.
    [[nodiscard]] virtual boost::asio::awaitable<Result<std::string>> read(Digest digest, std::uint64_t offset,
                                                                           std::size_t bytes) = 0;
    /// errc::not_found if it is not there.
    [[nodiscard]] virtual boost::asio::awaitable<Result<void>> remove(Digest digest) = 0;
    /// Bytes that the file system has left for us.
    [[nodiscard]] virtual Result<std::uint64_t> free_bytes() const = 0;
};

}  // namespace genq::blobs
