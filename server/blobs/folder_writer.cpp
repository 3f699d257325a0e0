#include "server/blobs/folder_writer.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "common/core/check.hpp"
#include "common/http/media_type.hpp"

namespace genq::blobs {

namespace asio = boost::asio;

namespace {

constexpr std::size_t gather_bytes = 256 << 10;

/// Makes a folder, durably, if it is not there.
Result<void> make_folder(const std::filesystem::path& path) {
    if (::mkdir(path.c_str(), 0700) == 0) return fs::sync_folder(path.parent_path().string());
    if (errno == EEXIST) return {};
    return fs::fail_errno(errno, path.string());
}

/// True when `path` is a blob that is there already; errc::corrupt when what is there can't be it.
Result<bool> there_already(const std::string& path, std::uint64_t bytes) {
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) {
        if (errno == ENOENT) return false;
        return fs::fail_errno(errno, path);
    }
    if (static_cast<std::uint64_t>(info.st_size) == bytes) return true;
    return fail(errc::corrupt, path + " has " + std::to_string(info.st_size) + " bytes where its digest stands for " +
                                   std::to_string(bytes) + ": the disk lost a part of it; remove it to store it anew");
}

}  // namespace

FolderWriter::FolderWriter(fs::Descriptor file, std::string temporary, PathOf path_of, std::mutex& storing,
                           async::WorkerPool& pool)
    : file_(std::move(file)),
      temporary_(std::move(temporary)),
      path_of_(std::move(path_of)),
      storing_(storing),
      pool_(pool) {}

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

Result<void> FolderWriter::give_name(const std::filesystem::path& path) {
    // What is there already may be nobody's and about to be removed: the new time says that it is wanted again.
    const auto renewed = [&]() -> Result<bool> {
        const std::lock_guard lock(storing_);
        const auto there = there_already(path.string(), size_);
        if (there && *there && ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0) != 0) {
            return fs::fail_errno(errno, path.string());
        }
        return there;
    }();
    if (!renewed) return std::unexpected(renewed.error());
    if (*renewed) return {};
    if (auto synced = fs::sync_file(file_, temporary_); !synced) return synced;
    for (const auto& folder : {path.parent_path().parent_path(), path.parent_path()}) {
        if (auto made = make_folder(folder); !made) return made;
    }
    // link, not rename: two writers of the same bytes must not replace each other's file.
    if (::link(temporary_.c_str(), path.c_str()) != 0 && errno != EEXIST) return fs::fail_errno(errno, path.string());
    return {};
}

Result<BlobInfo> FolderWriter::finish() {
    if (auto written = append(gathered_); !written) return std::unexpected(written.error());
    gathered_ = {};
    const auto digest = Digest::parse(hash_.hex_digest());
    GENQ_CHECK(digest.has_value());
    const std::filesystem::path path = path_of_(*digest);
    if (auto named = give_name(path); !named) return std::unexpected(named.error());
    // Also when it was there: whoever put it there may not have come to this yet.
    if (auto synced = fs::sync_folder(path.parent_path().string()); !synced) return std::unexpected(synced.error());
    ::unlink(temporary_.c_str());
    file_ = fs::Descriptor();
    return BlobInfo{*digest, size_, std::string(http::sniff_media_type(head_, size_ == head_.size()))};
}

}  // namespace genq::blobs
