#include "server/app/state_dir.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace genq::app {

Result<StateDir> StateDir::open(const std::string& path) {
    const auto broken = [&](std::string_view what, int error) {
        return fail(errc::io, fmt::format("The state directory {} can't be {}: {}.", path, what, std::strerror(error)));
    };
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return broken("made", errno);
    const int fd = ::open((path + "/genqd.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return broken("used", errno);
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        const int error = errno;
        ::close(fd);
        if (error != EWOULDBLOCK) return broken("locked", error);
        return fail(errc::busy,
                    fmt::format("The state directory {} is in use by another genqd; stop that one first, or "
                                "give this one a directory of its own (--state DIR).",
                                path));
    }
    return StateDir(path, fd);
}

StateDir::StateDir(StateDir&& other) noexcept : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

StateDir::~StateDir() {
    if (fd_ >= 0) ::close(fd_);
}

}  // namespace genq::app
