#pragma once
#include <stdlib.h>

#include <filesystem>
#include <string>

namespace genq::test {

/// An empty folder that goes with its owner; in memory where the machine has room for that, so that tests which sync
/// often don't wait for a disk.
class TempFolder {
  public:
    TempFolder() {
        for (const auto& parent : {std::filesystem::path("/dev/shm"), std::filesystem::temp_directory_path()}) {
            path_ = (parent / "genqd-test-XXXXXX").string();
            if (::mkdtemp(path_.data()) != nullptr) return;
        }
        throw std::filesystem::filesystem_error("no folder for temporary files", {});
    }
    ~TempFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  private:
    std::string path_;
};

}  // namespace genq::test
