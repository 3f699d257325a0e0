#include "common/fs/disk_space.hpp"

#include <sys/statvfs.h>

#include <cerrno>

#include "common/fs/descriptor.hpp"

namespace genq::fs {

Result<std::uint64_t> free_bytes(const std::string& path) {
    struct statvfs space{};
    if (::statvfs(path.c_str(), &space) != 0) return fail_errno(errno, path);
    return static_cast<std::uint64_t>(space.f_bavail) * space.f_frsize;
}

}  // namespace genq::fs
