#pragma once
#include <string>

#include "common/core/error.hpp"
#include "common/fs/file_lock.hpp"

namespace genq::app {

/// The state directory, held by this process alone: the lock is the kernel's and goes with the process, however it
/// ends.
class StateDir {
  public:
    /// Makes the directory (0700; its parent has to be there) and locks it. errc::busy: another process has it;
    /// errc::io. The sentences name the directory.
    [[nodiscard]] static Result<StateDir> open(const std::string& path);
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string database() const { return path_ + "/genqd.db"; }

  private:
    StateDir(std::string path, fs::FileLock lock) : path_(std::move(path)), lock_(std::move(lock)) {}
    std::string path_;
    fs::FileLock lock_;
};

}  // namespace genq::app
