#include "common/fs/ownership.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace genq::fs {

std::string folder_of(const std::string& path) {
    const auto folder = std::filesystem::path(path).parent_path();
    return folder.empty() ? "." : folder.string();
}

Result<void> take_owner_of(const std::string& like, const Descriptor& file) {
    if (::geteuid() != 0) return {};
    struct stat owner{};
    struct stat now{};
    if (::stat(like.c_str(), &owner) != 0) return fail_errno(errno, like);
    if (::fstat(file.get(), &now) == 0 && now.st_uid == owner.st_uid && now.st_gid == owner.st_gid) return {};
    if (::fchown(file.get(), owner.st_uid, owner.st_gid) == 0) return {};
    // The root of a container, or of another machine's disk, may not: then the file stays root's.
    if (errno == EPERM || errno == EINVAL) return {};
    return fail_errno(errno, "give to the owner of " + like);
}

Result<void> make_file(const std::string& path) {
    const auto file = open_file(path, O_WRONLY | O_CREAT | O_EXCL);
    if (!file && file.error().code == errc::already_exists) return {};
    if (!file) return std::unexpected(file.error());
    return take_owner_of(folder_of(path), *file);
}

}  // namespace genq::fs
