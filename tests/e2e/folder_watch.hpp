#pragma once
#include <chrono>
#include <filesystem>
#include <functional>

#include "common/core/clock.hpp"
#include "tests/e2e/process.hpp"

namespace genq::test {

/// Looks again whenever a file of a folder (not of those below it) was written to or renamed into place.
class FolderWatch {
  public:
    explicit FolderWatch(const std::filesystem::path& folder);
    ~FolderWatch();
    FolderWatch(const FolderWatch&) = delete;
    FolderWatch& operator=(const FolderWatch&) = delete;

    /// True once `done` is, which is asked at least once; false when `child` ends or the time is over first.
    [[nodiscard]] bool wait(const std::function<bool()>& done, const Process& child, std::chrono::milliseconds limit);

  private:
    SystemClock clock_;
    int watch_ = -1;
};

}  // namespace genq::test
