#include "tests/e2e/daemon.hpp"

#include <gtest/gtest.h>
#include <signal.h>

namespace genq::test {

Daemon::Daemon(std::vector<std::string> more) : more_(std::move(more)) {}

bool Daemon::start(std::map<std::string, std::string> environment) {
    const auto file = folder() / "address";
    std::filesystem::remove(file);
    std::vector<std::string> arguments{"serve",    "--sandbox",   "--sandbox-speed", "100",        "--state", state(),
                                       "--listen", "127.0.0.1:0", "--address-file",  file.string()};
    arguments.insert(arguments.end(), more_.begin(), more_.end());
    if (!environment.contains("NOTIFY_SOCKET")) {
        std::filesystem::remove(folder() / "daemon.sock");
        notify_ = std::make_unique<NotifySocket>(folder() / "daemon.sock");
        environment["NOTIFY_SOCKET"] = notify_->path();
    }
    process_ = std::make_unique<Process>(arguments, folder(), std::move(environment));
    if (!wait_for_file(file, *process_, std::chrono::seconds(60))) {
        ADD_FAILURE() << "the daemon does not answer: " << process_->err();
        return false;
    }
    address_ = read_file(file);
    while (address_.ends_with('\n')) address_.pop_back();
    return true;
}

bool Daemon::reload() {
    process_->signal(SIGHUP);
    return notify_->wait_for("RELOADING=1") && notify_->wait_for("READY=1");
}

Outcome Daemon::client(std::vector<std::string> arguments, std::map<std::string, std::string> environment) {
    environment.emplace("GENQD_URL", url());
    return run(std::move(arguments), folder(), std::move(environment));
}

}  // namespace genq::test
