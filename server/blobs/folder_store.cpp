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

Result<void> make_folder(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
    return fs::fail_errno(errno, path);
}

Result<void> empty_folder(const std::string& path) {
    std::error_code error;
    for (std::filesystem::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
        std::filesystem::remove_all(entry->path(), error);
        if (error) break;
    }
    if (error) return fs::fail_errno(error.value(), path);
    return {};
}

std::string sniff(int fd, std::uint64_t size) {
    std::array<char, http::sniff_bytes> head{};
    const auto got = static_cast<std::size_t>(std::max<ssize_t>(::pread(fd, head.data(), head.size(), 0), 0));
    return std::string(http::sniff_media_type({head.data(), got}, got == size));
}

Result<OpenBlob> open_blob(const std::string& path) {
    auto file = fs::open_file(path, O_RDONLY);
    if (!file) return std::unexpected(file.error());
    struct stat info{};
    if (::fstat(file->get(), &info) != 0) return fs::fail_errno(errno, path);
    const auto size = static_cast<std::uint64_t>(info.st_size);
    auto media_type = sniff(file->get(), size);
    return OpenBlob{{std::make_shared<http::FileHandle>(file->release()), 0, size}, std::move(media_type)};
}

Result<void> remove_blob(const std::string& path) {
    if (::unlink(path.c_str()) != 0) return fs::fail_errno(errno, path);
    return fs::sync_folder(std::filesystem::path(path).parent_path().string());
}

}  // namespace

Result<std::unique_ptr<FolderStore>> FolderStore::open(std::string dir, async::WorkerPool& pool) {
    for (const auto& path : {dir, dir + "/sha256", dir + "/tmp"}) {
        if (auto made = make_folder(path); !made) return std::unexpected(made.error());
    }
    if (auto emptied = empty_folder(dir + "/tmp"); !emptied) return std::unexpected(emptied.error());
    if (auto synced = fs::sync_folder(dir); !synced) return std::unexpected(synced.error());
    return std::unique_ptr<FolderStore>(new FolderStore(std::move(dir), pool));
}

Result<std::unique_ptr<BlobWriter>> FolderStore::create() {
    auto temporary = dir_ + "/tmp/" + std::to_string(next_.fetch_add(1));
    auto file = fs::open_file(temporary, O_WRONLY | O_CREAT | O_EXCL);
    if (!file) return std::unexpected(file.error());
    return std::make_unique<FolderWriter>(
        std::move(*file), std::move(temporary), [this](const Digest& digest) { return path_of(digest); }, storing_,
        pool_);
}

asio::awaitable<Result<OpenBlob>> FolderStore::open(Digest digest) {
    auto path = path_of(digest);
    auto aside = damaged_path(dir_, digest);
    co_return co_await pool_.run([path = std::move(path), aside = std::move(aside)]() -> Result<OpenBlob> {
        auto blob = open_blob(path);
        if (!blob && blob.error().code == errc::not_found && std::filesystem::exists(aside)) {
            return fail(errc::corrupt, "the bytes of this blob were damaged on the disk, and put aside: " + aside);
        }
        return blob;
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
    co_return co_await pool_.run([this, digest]() -> Result<bool> {
        const auto path = path_of(digest);
        const auto whole = blob_is_whole(path, digest);
        if (!whole || *whole) return whole;
        if (auto made = make_folder(dir_ + "/damaged"); !made) return std::unexpected(made.error());
        if (::rename(path.c_str(), damaged_path(dir_, digest).c_str()) != 0) return fs::fail_errno(errno, path);
        for (const auto& folder : {std::filesystem::path(path).parent_path().string(), dir_ + "/damaged", dir_}) {
            if (auto synced = fs::sync_folder(folder); !synced) return std::unexpected(synced.error());
        }
        return false;
    });
}

asio::awaitable<Result<void>> FolderStore::remove(Digest digest) {
    auto path = path_of(digest);
    co_return co_await pool_.run([path = std::move(path)] { return remove_blob(path); });
}

asio::awaitable<Result<bool>> FolderStore::remove_unused(Digest digest, WallTime before, bool dry_run) {
    auto path = path_of(digest);
    co_return co_await pool_.run([this, path = std::move(path), before, dry_run]() -> Result<bool> {
        const std::lock_guard lock(storing_);
        struct stat info{};
        if (::stat(path.c_str(), &info) != 0) return fs::fail_errno(errno, path);
        if (std::int64_t{info.st_mtim.tv_sec} * 1000 >= to_ms(before)) return false;
        if (dry_run) return true;
        if (auto removed = remove_blob(path); !removed) return std::unexpected(removed.error());
        return true;
    });
}

Result<std::uint64_t> FolderStore::free_bytes() const {
    return fs::free_bytes(dir_);
}

std::string FolderStore::path_of(const Digest& digest) const {
    return blob_path(dir_, digest);
}

}  // namespace genq::blobs
