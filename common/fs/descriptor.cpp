#include "common/fs/descriptor.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace genq::fs {

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
}

Descriptor::~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
}

std::unexpected<Error> fail_errno(int code, const std::string& what) {
    auto kind = errc::io;
    if (code == ENOSPC || code == EDQUOT || code == EFBIG) kind = errc::storage_full;
    if (code == ENOENT || code == ENOTDIR) kind = errc::not_found;
    if (code == EEXIST) kind = errc::already_exists;
    if (code == EACCES || code == EPERM || code == EROFS) kind = errc::forbidden;
    return fail(kind, what + ": " + std::system_category().message(code));
}

Result<Descriptor> open_file(const std::string& path, int flags, unsigned mode) {
    int fd = -1;
    do {
        fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0) return fail_errno(errno, path);
    return Descriptor(fd);
}

Result<void> write_all(const Descriptor& file, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(file.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail_errno(errno, "write");
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

Result<void> sync_file(const Descriptor& file, const std::string& path) {
    if (::fsync(file.get()) != 0) return fail_errno(errno, "sync " + path);
    return {};
}

Result<void> sync_folder(const std::string& path) {
    const auto folder = open_file(path, O_RDONLY | O_DIRECTORY);
    if (!folder) return std::unexpected(folder.error());
    return sync_file(*folder, path);
}

}  // namespace genq::fs
