#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "common/core/clock.hpp"

namespace genq::sandbox {

/// Uploaded files, in memory: at most 256 MiB, the oldest make room. One thread at a time.
class UploadStore {
  public:
    struct File {
        std::string bytes;
        std::string content_type;
        SteadyTime until{};
    };

    /// How long a file is kept; kie.ai says three days.
    explicit UploadStore(std::chrono::milliseconds ttl) : ttl_(ttl) {}

    /// The same path again replaces the file.
    void put(std::string path, std::string bytes, std::string content_type, SteadyTime now);
    /// nullptr when it is not there, or no longer.
    [[nodiscard]] const File* find(const std::string& path, SteadyTime now) const;

  private:
    void drop_oldest();

    std::chrono::milliseconds ttl_;
    std::unordered_map<std::string, File> files_;
    std::deque<std::string> order_;
    std::uint64_t bytes_ = 0;
};

}  // namespace genq::sandbox
