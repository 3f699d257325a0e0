#include "server/blobs/folder_writer.hpp"

#include <unistd.h>

#include <cerrno>

#include "common/core/check.hpp"
#include "common/http/media_type.hpp"

namespace genq::blobs {

namespace asio = boost::asio;

namespace {

constexpr std::size_t gather_bytes = 256 << 10;

}  // namespace

FolderWriter::FolderWriter(fs::Descriptor file, std::string temporary, BlobFolder& folder, async::WorkerPool& pool)
    : file_(std::move(file)), temporary_(std::move(temporary)), folder_(folder), pool_(pool) {}

FolderWriter::~FolderWriter() {
    if (file_.is_open()) ::unlink(temporary_.c_str());
}

asio::awaitable<Result<void>> FolderWriter::write(std::span<const std::byte> bytes) {
    GENQ_CHECK(file_.is_open());
    if (head_.size() < http::sniff_bytes) {
        const auto more = bytes.first(std::min(bytes.size(), http::sniff_bytes - head_.size()));
        head_.append(reinterpret_cast<const char*>(more.data()), more.size());
    }
    size_ += bytes.size();
    gathered_.insert(gathered_.end(), bytes.begin(), bytes.end());
    if (gathered_.size() < gather_bytes) co_return Result<void>();
    auto written = co_await pool_.run([this] { return append(gathered_); });
    gathered_.clear();
    co_return written;
}

Result<void> FolderWriter::append(std::span<const std::byte> bytes) {
    hash_.update(bytes);
    return fs::write_all(file_, bytes);
}

Result<void> FolderWriter::restart() {
    GENQ_CHECK(file_.is_open());
    if (::ftruncate(file_.get(), 0) != 0) return fs::fail_errno(errno, temporary_);
    if (::lseek(file_.get(), 0, SEEK_SET) != 0) return fs::fail_errno(errno, temporary_);
    gathered_.clear();
    hash_ = crypto::Sha256();
    head_.clear();
    size_ = 0;
    return {};
}

asio::awaitable<Result<BlobInfo>> FolderWriter::commit() {
    GENQ_CHECK(file_.is_open());
    co_return co_await pool_.run([this] { return finish(); });
}

Result<BlobInfo> FolderWriter::finish() {
    if (auto written = append(gathered_); !written) return std::unexpected(written.error());
    gathered_ = {};
    const auto digest = Digest::parse(hash_.hex_digest());
    GENQ_CHECK(digest.has_value());
    const auto renewed = folder_.renew(*digest);
    if (!renewed) return std::unexpected(renewed.error());
    if (*renewed) {
        ::unlink(temporary_.c_str());
    } else {
        if (auto synced = fs::sync_file(file_, temporary_); !synced) return std::unexpected(synced.error());
        if (auto taken = folder_.take_in(temporary_, *digest); !taken) return std::unexpected(taken.error());
    }
    file_ = fs::Descriptor();
    return BlobInfo{*digest, size_, std::string(http::sniff_media_type(head_, size_ == head_.size()))};
}

}  // namespace genq::blobs
