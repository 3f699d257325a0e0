#include "common/fs/atomic_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "common/fs/descriptor.hpp"
#include "common/fs/ownership.hpp"

namespace genq::fs {

namespace {

/// With the owner of `like`, before anything is in it. What is in its place, of a dead process or a link, goes.
Result<void> write_new(const std::string& path, std::string_view contents, unsigned mode, const std::string& like) {
    ::unlink(path.c_str());
    const auto file = open_file(path, O_WRONLY | O_CREAT | O_EXCL);
    if (!file) return std::unexpected(file.error());
    if (auto owned = take_owner_of(like, *file); !owned) return owned;
    if (::fchmod(file->get(), mode) != 0) return fail_errno(errno, path);
    if (auto written = write_all(*file, std::as_bytes(std::span(contents))); !written) return written;
    return sync_file(*file, path);
}

}  // namespace

Result<void> write_file_atomically(const std::string& path, std::string_view contents, unsigned mode) {
    const auto temporary = path + ".tmp." + std::to_string(::getpid());
    const auto folder = folder_of(path);
    struct stat old{};
    const bool replaces = ::stat(path.c_str(), &old) == 0;
    auto done = write_new(temporary, contents, mode, replaces ? path : folder);
    if (done && ::rename(temporary.c_str(), path.c_str()) != 0) done = fail_errno(errno, path);
    if (!done) {
        ::unlink(temporary.c_str());
        return done;
    }
    return sync_folder(folder);
}

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
    const auto file = open_file(path, O_RDONLY);
    if (!file) return std::unexpected(file.error());
    std::string contents;
    std::array<char, 16'384> piece{};
    for (;;) {
        const auto got = ::read(file->get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_errno(errno, path);
        if (got == 0) return contents;
        contents.append(piece.data(), static_cast<std::size_t>(got));
        if (contents.size() > max_bytes) {
            return fail(errc::too_large, path + " is larger than " + std::to_string(max_bytes) + " bytes");
        }
    }
}

}  // namespace genq::fs
