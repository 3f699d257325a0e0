#pragma once
#include <string>

#include "common/core/error.hpp"
#include "common/fs/descriptor.hpp"

namespace genq::fs {

/// Keeps a second process off: holds flock(2) on a file for as long as it lives. The lock ends with the process,
/// however that ends, so a file left behind locks nobody out. The holder's process id is in the file, for people.
class FileLock {
  public:
    /// Makes the file if it is not there, and the owner of its folder its owner; does not wait. errc::busy: another
    /// process holds it.
    [[nodiscard]] static Result<FileLock> acquire(const std::string& path);

  private:
    explicit FileLock(Descriptor file) : file_(std::move(file)) {}
    Descriptor file_;
};

}  // namespace genq::fs
