#include "tests/support/memory_blobs.hpp"

#include "common/crypto/sha256.hpp"
#include "common/http/media_type.hpp"

namespace genq::test {

namespace asio = boost::asio;

namespace {

class MemoryWriter final : public blobs::BlobWriter {
  public:
    explicit MemoryWriter(MemoryBlobs& store) : store_(store) {}

    asio::awaitable<Result<void>> write(std::span<const std::byte> bytes) override {
        if (store_.full) co_return fail(errc::storage_full, "no space");
        bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        co_return Result<void>{};
    }
    std::uint64_t size() const override { return bytes_.size(); }
    Result<void> restart() override {
        bytes_.clear();
        return {};
    }
    asio::awaitable<Result<blobs::BlobInfo>> commit() override {
        if (store_.full) co_return fail(errc::storage_full, "no space");
        blobs::BlobInfo info;
        info.digest = *Digest::parse(crypto::sha256_hex(bytes_));
        info.bytes = bytes_.size();
        info.media_type = std::string(http::sniff_media_type(bytes_));
        store_.blobs[info.digest] = bytes_;
        co_return info;
    }

  private:
    MemoryBlobs& store_;
    std::string bytes_;
};

}  // namespace

Result<std::unique_ptr<blobs::BlobWriter>> MemoryBlobs::create() {
    return std::make_unique<MemoryWriter>(*this);
}

asio::awaitable<Result<blobs::OpenBlob>> MemoryBlobs::open(Digest digest) {
    co_return fail(blobs.contains(digest) ? errc::unsupported : errc::not_found, "blobs in memory have no file");
}

asio::awaitable<Result<blobs::BlobInfo>> MemoryBlobs::describe(Digest digest) {
    const auto found = blobs.find(digest);
    if (found == blobs.end()) co_return fail(errc::not_found, "no such blob");
    co_return blobs::BlobInfo{digest, found->second.size(), std::string(http::sniff_media_type(found->second))};
}

asio::awaitable<Result<std::string>> MemoryBlobs::read(Digest digest, std::uint64_t offset, std::size_t bytes) {
    const auto found = blobs.find(digest);
    if (found == blobs.end()) co_return fail(errc::not_found, "no such blob");
    co_return found->second.substr(static_cast<std::size_t>(offset), bytes);
}

asio::awaitable<Result<void>> MemoryBlobs::remove(Digest digest) {
    if (blobs.erase(digest) == 0) co_return fail(errc::not_found, "no such blob");
    co_return Result<void>{};
}

}  // namespace genq::test
