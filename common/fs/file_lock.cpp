#include "common/fs/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "common/fs/ownership.hpp"

namespace genq::fs {

Result<FileLock> FileLock::acquire(const std::string& path) {
    // No symbolic link: where root works in another's folder it would be led to any file of the machine.
    auto file = open_file(path, O_RDWR | O_CREAT | O_NOFOLLOW);
    if (!file) return std::unexpected(file.error());
    if (auto owned = take_owner_of(folder_of(path), *file); !owned) return std::unexpected(owned.error());
    if (::flock(file->get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return fail(errc::busy, path + " is locked by another process");
        return fail_errno(errno, path);
    }
    const auto pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(file->get(), 0) != 0) return fail_errno(errno, path);
    if (auto written = write_all(*file, std::as_bytes(std::span(pid))); !written) {
        return std::unexpected(written.error());
    }
    return FileLock(std::move(*file));
}

}  // namespace genq::fs
