#pragma once
#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/notify_socket.hpp"
#include "tests/e2e/process.hpp"

namespace genq::test {

/// `genqd serve --sandbox` in a folder of its own, on a port of its own, a hundred times as fast as kie.ai.
class Daemon {
  public:
    explicit Daemon(std::vector<std::string> more = {});

    /// Starts it (again) and waits until it answers; false with a failure noted if it does not.
    [[nodiscard]] bool start(std::map<std::string, std::string> environment = {});
    /// SIGHUP, and waits until the daemon says that it is done with it.
    [[nodiscard]] bool reload();
    /// Runs a client subcommand against it.
    [[nodiscard]] Outcome client(std::vector<std::string> arguments,
                                 std::map<std::string, std::string> environment = {});

    [[nodiscard]] Process& process() { return *process_; }
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
    [[nodiscard]] std::string url() const { return "http://" + address_; }
    [[nodiscard]] std::string state() const { return (folder() / "state").string(); }

  private:
    TempFolder folder_;
    std::vector<std::string> more_;
    std::unique_ptr<NotifySocket> notify_;
    std::unique_ptr<Process> process_;
    std::string address_;
};

}  // namespace genq::test
