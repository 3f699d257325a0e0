#pragma once
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace genq::test {

/// A folder of one's own that goes with the object.
class TempFolder {
  public:
    TempFolder();
    ~TempFolder();
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

/// The built `genqd` as a child process. Its variables are those given and PATH alone, so that no key of the machine
/// gets in; what it prints goes to files. A child that is still there at the end is killed.
class Process {
  public:
    Process(std::vector<std::string> arguments, const std::filesystem::path& folder,
            std::map<std::string, std::string> environment = {});
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    void signal(int number) const;
    /// The exit code, or 128 + the signal that ended it; nullopt when it has not ended in time.
    [[nodiscard]] std::optional<int> wait(std::chrono::seconds limit = std::chrono::seconds(60));
    [[nodiscard]] std::string out() const;
    [[nodiscard]] std::string err() const;
    [[nodiscard]] int pidfd() const { return pidfd_; }

  private:
    std::filesystem::path out_;
    std::filesystem::path err_;
    pid_t pid_ = -1;
    int pidfd_ = -1;
    std::optional<int> code_;
};

/// Waits for `file` to appear by a rename in its folder, which exists; false if `child` ends or the time is over first.
[[nodiscard]] bool wait_for_file(const std::filesystem::path& file, const Process& child, std::chrono::seconds limit);

[[nodiscard]] std::string read_file(const std::filesystem::path& file);

/// What a finished command left.
struct Outcome {
    int code = -1;
    std::string out;
    std::string err;
};
[[nodiscard]] Outcome run(std::vector<std::string> arguments, const std::filesystem::path& folder,
                          std::map<std::string, std::string> environment = {});

}  // namespace genq::test
