#include "server/blobs/folder_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

#include "common/core/rfc3339.hpp"
#include "common/fs/descriptor.hpp"
#include "common/fs/disk_space.hpp"
#include "common/http/media_type.hpp"
#include "server/blobs/folder_files.hpp"
#include "server/blobs/folder_writer.hpp"

namespace genq::blobs {

namespace asio = boost::asio;

namespace {

std::string sniff(int fd, std::uint64_t size) {
    std::array<char, http::sniff_bytes> head{};
    const auto got = static_cast<std::size_t>(std::max<ssize_t>(::pread(fd, head.data(), head.size(), 0), 0));
    return std::string(http::sniff_media_type({head.data(), got}, got == size));
}

}  // namespace

Result<std::unique_ptr<FolderStore>> FolderStore::open(std::string dir, async::WorkerPool& pool) {
    std::unique_ptr<FolderStore> store(new FolderStore(std::move(dir), pool));
    if (auto made = store->folder_.make(); !made) return std::unexpected(made.error());
    return store;
}

Result<std::unique_ptr<BlobWriter>> FolderStore::create() {
    auto temporary = folder_.dir() + "/tmp/" + std::to_string(next_.fetch_add(1));
    auto file = fs::open_file(temporary, O_WRONLY | O_CREAT | O_EXCL);
    if (!file) return std::unexpected(file.error());
    return std::make_unique<FolderWriter>(std::move(*file), std::move(temporary), folder_, pool_);
}

asio::awaitable<Result<OpenBlob>> FolderStore::open(Digest digest) {
    co_return co_await pool_.run([this, digest = std::move(digest)]() -> Result<OpenBlob> {
        auto opened = folder_.open(digest);
        if (!opened) return std::unexpected(opened.error());
        auto media_type = sniff(opened->file.get(), opened->bytes);
        return OpenBlob{{std::make_shared<http::FileHandle>(opened->file.release()), 0, opened->bytes},
                        std::move(media_type)};
    });
}

asio::awaitable<Result<BlobInfo>> FolderStore::describe(Digest digest) {
    const auto blob = co_await open(digest);
    if (!blob) co_return std::unexpected(blob.error());
    co_return BlobInfo{std::move(digest), blob->body.length, blob->media_type};
}

asio::awaitable<Result<std::string>> FolderStore::read(Digest digest, std::uint64_t offset, std::size_t bytes) {
    const auto blob = co_await open(std::move(digest));
    if (!blob) co_return std::unexpected(blob.error());
    co_return co_await pool_.run([file = blob->body.file, offset, bytes]() -> Result<std::string> {
        std::string piece(bytes, '\0');
        const ssize_t got = ::pread(file->fd(), piece.data(), bytes, static_cast<off_t>(offset));
        if (got < 0) return fs::fail_errno(errno, "a blob");
        piece.resize(static_cast<std::size_t>(got));
        return piece;
    });
}

asio::awaitable<Result<bool>> FolderStore::check(Digest digest) {
    co_return co_await pool_.run([this, digest = std::move(digest)] { return folder_.check(digest); });
}

asio::awaitable<Result<void>> FolderStore::remove(Digest digest) {
    co_return co_await pool_.run([this, digest = std::move(digest)] { return folder_.remove(digest); });
}

asio::awaitable<Result<bool>> FolderStore::remove_unused(Digest digest, WallTime before, bool dry_run) {
    co_return co_await pool_.run(
        [this, digest = std::move(digest), before, dry_run] { return folder_.remove_unused(digest, before, dry_run); });
}

asio::awaitable<std::size_t> FolderStore::recount_damaged() {
    co_return co_await pool_.run([this] {
        folder_.recount();
        return folder_.damaged();
    });
}

Result<std::uint64_t> FolderStore::free_bytes() const {
    return fs::free_bytes(folder_.dir());
}

std::string FolderStore::path_of(const Digest& digest) const {
    return folder_.path_of(digest);
}

}  // namespace genq::blobs
