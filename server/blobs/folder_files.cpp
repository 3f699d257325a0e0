#include "server/blobs/folder_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <span>

#include "common/crypto/sha256.hpp"
#include "common/fs/descriptor.hpp"
#include "common/fs/ownership.hpp"

namespace genq::blobs {

namespace {

constexpr std::size_t piece_bytes = 1 << 20;

using Take = std::function<Result<void>(std::span<const std::byte>)>;

/// Reads a file from its start, piece by piece; returns the SHA-256 of it all.
Result<std::string> read_through(const std::string& path, const Take& take) {
    const auto file = fs::open_file(path, O_RDONLY);
    if (!file) return std::unexpected(file.error());
    std::vector<std::byte> piece(piece_bytes);
    crypto::Sha256 hash;
    for (;;) {
        const ssize_t got = ::read(file->get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fs::fail_errno(errno, path);
        if (got == 0) return hash.hex_digest();
        const auto bytes = std::span<const std::byte>(piece).first(static_cast<std::size_t>(got));
        hash.update(bytes);
        if (auto taken = take(bytes); !taken) return std::unexpected(taken.error());
    }
}

/// For their owner only, who is that of the folder above.
Result<void> make_folders(const std::string& path) {
    int failed = ::mkdir(path.c_str(), 0700) == 0 ? 0 : errno;
    if (failed == ENOENT) {
        if (auto made = make_folders(fs::folder_of(path)); !made) return made;
        failed = ::mkdir(path.c_str(), 0700) == 0 ? 0 : errno;
    }
    if (failed == EEXIST) return {};
    if (failed != 0) return fs::fail_errno(failed, path);
    const auto folder = fs::open_file(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (!folder) return std::unexpected(folder.error());
    return fs::take_owner_of(fs::folder_of(path), *folder);
}

/// Calls `found` for each entry; a folder that is missing has none.
Result<void> each_entry(const std::string& path, const std::function<Result<void>(const std::string& path)>& found) {
    std::error_code error;
    for (std::filesystem::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
        if (auto done = found(entry->path().string()); !done) return done;
    }
    if (error && error != std::errc::no_such_file_or_directory) return fs::fail_errno(error.value(), path);
    return {};
}

bool is_folder(const std::string& path) {
    struct stat info{};
    return ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

}  // namespace

std::string blob_path(const std::string& dir, const Digest& digest) {
    const auto& hex = digest.hex();
    return dir + "/sha256/" + hex.substr(0, 2) + "/" + hex.substr(2, 2) + "/" + hex;
}

std::string damaged_path(const std::string& dir, const Digest& digest) {
    return dir + "/damaged/" + digest.hex();
}

Result<bool> blob_is_whole(const std::string& path, const Digest& digest) {
    const auto hash = read_through(path, [](std::span<const std::byte>) { return Result<void>(); });
    if (!hash) return std::unexpected(hash.error());
    return *hash == digest.hex();
}

Result<Survey> survey(const std::string& dir) {
    Survey found;
    const std::function<Result<void>(const std::string&)> visit = [&](const std::string& path) -> Result<void> {
        if (is_folder(path)) return each_entry(path, visit);
        const auto digest = Digest::parse(std::filesystem::path(path).filename().string());
        if (digest && path == blob_path(dir, *digest)) {
            found.digests.push_back(*digest);
        } else {
            found.strangers.push_back(path);
        }
        return {};
    };
    if (auto done = each_entry(dir + "/sha256", visit); !done) return std::unexpected(done.error());
    std::ranges::sort(found.digests);
    std::ranges::sort(found.strangers);
    return found;
}

Result<Copied> copy_blob(const std::string& from_dir, const std::string& to_dir, const Digest& digest) {
    const auto to = blob_path(to_dir, digest);
    const auto there = blob_is_whole(to, digest);
    if (there && *there) return Copied::before;
    if (!there && there.error().code != errc::not_found) return std::unexpected(there.error());
    const auto parent = fs::folder_of(to);
    for (const auto& folder : {to_dir + "/tmp", parent}) {
        if (auto made = make_folders(folder); !made) return std::unexpected(made.error());
    }
    const auto temporary = to_dir + "/tmp/" + digest.hex();
    ::unlink(temporary.c_str());  // of a copy that was cut off
    const auto file = fs::open_file(temporary, O_WRONLY | O_CREAT | O_EXCL);
    if (!file) return std::unexpected(file.error());
    if (auto owned = fs::take_owner_of(parent, *file); !owned) return std::unexpected(owned.error());
    const auto copy = [&]() -> Result<void> {
        const auto hash = read_through(blob_path(from_dir, digest),
                                       [&](std::span<const std::byte> bytes) { return fs::write_all(*file, bytes); });
        if (!hash) return std::unexpected(hash.error());
        if (*hash != digest.hex()) return fail(errc::corrupt, "the bytes of blob " + digest.hex() + " are damaged");
        if (auto synced = fs::sync_file(*file, temporary); !synced) return synced;
        if (::rename(temporary.c_str(), to.c_str()) != 0) return fs::fail_errno(errno, to);
        return {};
    };
    if (auto copied = copy(); !copied) {
        ::unlink(temporary.c_str());
        return std::unexpected(copied.error());
    }
    return there ? Copied::again : Copied::now;
}

Result<void> sync_blobs(const std::string& dir) {
    const std::function<Result<void>(const std::string&)> visit = [&](const std::string& path) -> Result<void> {
        if (!is_folder(path)) return {};
        if (auto done = each_entry(path, visit); !done) return done;
        return fs::sync_folder(path);
    };
    return visit(dir);
}

}  // namespace genq::blobs
