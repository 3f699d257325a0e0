#include "server/blobs/blob_folder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iterator>

#include "common/core/rfc3339.hpp"
#include "server/blobs/folder_files.hpp"

namespace genq::blobs {

namespace {

// A few MB of memory. What falls out is read once more when it is wanted.
constexpr std::size_t most_known = 16'384;

Result<void> make_folder(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
    return fs::fail_errno(errno, path);
}

/// Makes a folder, durably, if it is not there.
Result<void> make_synced_folder(const std::filesystem::path& path) {
    if (::mkdir(path.c_str(), 0700) == 0) return fs::sync_folder(path.parent_path().string());
    if (errno == EEXIST) return {};
    return fs::fail_errno(errno, path.string());
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

std::int64_t nanoseconds(const timespec& time) {
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

BlobFolder::Stamp BlobFolder::stamp_of(const struct stat& info) {
    return {info.st_ino, info.st_size, nanoseconds(info.st_mtim), nanoseconds(info.st_ctim)};
}

Result<void> BlobFolder::make() {
    for (const auto& path : {dir_, dir_ + "/sha256", dir_ + "/tmp"}) {
        if (auto made = make_folder(path); !made) return made;
    }
    if (auto emptied = empty_folder(dir_ + "/tmp"); !emptied) return emptied;
    recount();
    return fs::sync_folder(dir_);
}

Result<BlobFolder::Opened> BlobFolder::open(const Digest& digest) {
    const auto path = path_of(digest);
    auto file = fs::open_file(path, O_RDONLY);
    if (!file && file.error().code == errc::not_found && std::filesystem::exists(damaged_path(dir_, digest))) {
        return fail(errc::corrupt,
                    "the bytes of this blob were damaged on the disk, and put aside: " + damaged_path(dir_, digest));
    }
    if (!file) return std::unexpected(file.error());
    struct stat info{};
    if (::fstat(file->get(), &info) != 0) return fs::fail_errno(errno, path);
    if (!is_known(digest, stamp_of(info))) {
        const auto whole = check(digest);
        if (!whole) return std::unexpected(whole.error());
        if (!*whole) {
            return fail(errc::corrupt, "the bytes of this blob are damaged on the disk, and were put aside: " +
                                           damaged_path(dir_, digest));
        }
    }
    return Opened{std::move(*file), static_cast<std::uint64_t>(info.st_size)};
}

Result<bool> BlobFolder::check(const Digest& digest) {
    const auto path = path_of(digest);
    struct stat before{};
    if (::stat(path.c_str(), &before) != 0) return fs::fail_errno(errno, path);
    const auto whole = blob_is_whole(path, digest);
    if (!whole) {
        if (whole.error().code != errc::not_found) {
            const std::lock_guard lock(mutex_);
            damaged_.insert(digest);
        }
        return whole;
    }
    if (*whole) {
        know(digest, stamp_of(before));
        return true;
    }
    if (auto aside = put_aside(digest); !aside) return std::unexpected(aside.error());
    return false;
}

Result<void> BlobFolder::put_aside(const Digest& digest) {
    const auto path = path_of(digest);
    forget(digest);
    {
        const std::lock_guard lock(mutex_);
        damaged_.insert(digest);
    }
    if (auto made = make_folder(dir_ + "/damaged"); !made) return made;
    const bool moved = ::rename(path.c_str(), damaged_path(dir_, digest).c_str()) == 0;
    if (!moved && errno != ENOENT) return fs::fail_errno(errno, path);  // else another thread did it
    for (const auto& folder : {std::filesystem::path(path).parent_path().string(), dir_ + "/damaged", dir_}) {
        if (auto synced = fs::sync_folder(folder); !synced) return synced;
    }
    return {};
}

Result<bool> BlobFolder::renew(const Digest& digest) {
    const auto path = path_of(digest);
    if (const auto there = open(digest); !there) {
        const auto code = there.error().code;
        if (code == errc::not_found || code == errc::corrupt) return false;
        return std::unexpected(there.error());
    }
    {
        // What is there may be nobody's and about to be removed: the new time says that it is wanted again.
        const std::lock_guard lock(storing_);
        if (::utimensat(AT_FDCWD, path.c_str(), nullptr, 0) != 0) {
            if (errno == ENOENT) return false;
            return fs::fail_errno(errno, path);
        }
    }
    // Whoever put it there may not have come to this yet.
    if (auto synced = fs::sync_folder(std::filesystem::path(path).parent_path().string()); !synced) {
        return std::unexpected(synced.error());
    }
    struct stat info{};
    if (::stat(path.c_str(), &info) == 0) know(digest, stamp_of(info));
    return true;
}

Result<void> BlobFolder::take_in(const std::string& temporary, const Digest& digest) {
    const std::filesystem::path path = path_of(digest);
    for (const auto& folder : {path.parent_path().parent_path(), path.parent_path()}) {
        if (auto made = make_synced_folder(folder); !made) return made;
    }
    // link, not rename: two writers of the same bytes must not replace each other's file.
    const bool linked = ::link(temporary.c_str(), path.c_str()) == 0;
    if (!linked && errno != EEXIST) return fs::fail_errno(errno, path.string());
    if (auto synced = fs::sync_folder(path.parent_path().string()); !synced) return synced;
    ::unlink(temporary.c_str());
    struct stat info{};
    if (linked && ::stat(path.c_str(), &info) == 0) know(digest, stamp_of(info));
    return {};
}

Result<void> BlobFolder::remove(const Digest& digest) {
    const auto path = path_of(digest);
    forget(digest);
    if (::unlink(path.c_str()) != 0) return fs::fail_errno(errno, path);
    return fs::sync_folder(std::filesystem::path(path).parent_path().string());
}

Result<bool> BlobFolder::remove_unused(const Digest& digest, WallTime before, bool dry_run) {
    const std::lock_guard lock(storing_);
    const auto path = path_of(digest);
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) return fs::fail_errno(errno, path);
    if (std::int64_t{info.st_mtim.tv_sec} * 1000 >= to_ms(before)) return false;
    if (dry_run) return true;
    if (auto removed = remove(digest); !removed) return std::unexpected(removed.error());
    return true;
}

bool BlobFolder::is_known(const Digest& digest, const Stamp& stamp) const {
    const std::lock_guard lock(mutex_);
    const auto found = whole_.find(digest);
    return found != whole_.end() && found->second == stamp;
}

void BlobFolder::know(const Digest& digest, const Stamp& stamp) {
    const std::lock_guard lock(mutex_);
    damaged_.erase(digest);
    whole_.insert_or_assign(digest, stamp);
    if (whole_.size() > most_known) whole_.erase(whole_.begin());
}

void BlobFolder::forget(const Digest& digest) {
    const std::lock_guard lock(mutex_);
    whole_.erase(digest);
}

std::size_t BlobFolder::damaged() const {
    const std::lock_guard lock(mutex_);
    return damaged_.size();
}

void BlobFolder::recount() {
    std::set<Digest> found;
    std::error_code error;
    const std::string folder = dir_ + "/damaged";
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        const auto digest = Digest::parse(entry->path().filename().string());
        if (digest && !std::filesystem::exists(path_of(*digest))) found.insert(*digest);
    }
    const std::lock_guard lock(mutex_);
    // One that is in its place may not be readable there, or was put back: reading it tells.
    std::ranges::copy_if(damaged_, std::inserter(found, found.end()),
                         [this](const Digest& digest) { return std::filesystem::exists(path_of(digest)); });
    damaged_ = std::move(found);
}

std::string BlobFolder::path_of(const Digest& digest) const {
    return blob_path(dir_, digest);
}

}  // namespace genq::blobs
