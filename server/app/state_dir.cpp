#include "server/app/state_dir.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace genq::app {

Result<StateDir> StateDir::open(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
        return fail(errc::io, fmt::format("The state directory {} can't be made: {}.", path, std::strerror(errno)));
    }
    auto lock = fs::FileLock::acquire(path + "/genqd.lock");
    if (!lock && lock.error().code == errc::busy) {
        return fail(errc::busy,
                    fmt::format("The state directory {} is in use by another genqd; stop that one first, or "
                                "give this one a directory of its own (--state DIR).",
                                path));
    }
    if (!lock) {
        return fail(errc::io, fmt::format("The state directory {} can't be used: {}.", path, lock.error().detail));
    }
    return StateDir(path, std::move(*lock));
}

}  // namespace genq::app
