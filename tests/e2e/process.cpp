#include "tests/e2e/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace genq::test {
namespace {

int to_ms(std::chrono::seconds time) {
    return static_cast<int>(std::chrono::milliseconds(time).count());
}

}  // namespace

TempFolder::TempFolder() {
    auto name = (std::filesystem::temp_directory_path() / "genqd-e2e-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "no temporary folder";
    path_ = name;
}

TempFolder::~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

Process::Process(std::vector<std::string> arguments, const std::filesystem::path& folder,
                 std::map<std::string, std::string> environment) {
    static std::atomic<int> number{0};
    const int n = ++number;
    out_ = folder / fmt::format("{}.out", n);
    err_ = folder / fmt::format("{}.err", n);

    // All that the child needs is made before the fork: afterwards only system calls are safe.
    std::vector<char*> argv;
    std::string program = GENQD;
    argv.push_back(program.data());
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    environment.emplace("PATH", "/usr/bin:/bin");
    std::vector<std::string> lines;
    for (const auto& [name, value] : environment) lines.push_back(name + "=" + value);
    std::vector<char*> envp;
    for (auto& line : lines) envp.push_back(line.data());
    envp.push_back(nullptr);

    pid_ = ::fork();
    if (pid_ == 0) {
        const int out = ::open(out_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        const int err = ::open(err_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (out < 0 || err < 0 || ::dup2(out, 1) < 0 || ::dup2(err, 2) < 0 || ::chdir(folder.c_str()) != 0)
            ::_exit(127);
        ::execve(program.c_str(), argv.data(), envp.data());
        ::_exit(127);
    }
    pidfd_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    if (pid_ < 0 || pidfd_ < 0) ADD_FAILURE() << "no child process";
}

Process::~Process() {
    if (!code_ && pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    if (pidfd_ >= 0) ::close(pidfd_);
}

void Process::signal(int number) const {
    if (::kill(pid_, number) != 0) ADD_FAILURE() << "no process to signal";
}

std::optional<int> Process::wait(std::chrono::seconds limit) {
    if (code_) return code_;
    pollfd end{pidfd_, POLLIN, 0};
    if (::poll(&end, 1, to_ms(limit)) != 1) return std::nullopt;
    int status = 0;
    if (::waitpid(pid_, &status, 0) != pid_) return std::nullopt;
    code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return code_;
}

std::string Process::out() const {
    return read_file(out_);
}

std::string Process::err() const {
    return read_file(err_);
}

bool wait_for_file(const std::filesystem::path& file, const Process& child, std::chrono::seconds limit) {
    const int watch = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    bool there = false;
    if (watch >= 0 && ::inotify_add_watch(watch, file.parent_path().c_str(), IN_MOVED_TO) >= 0) {
        for (;;) {
            // Looked for after the watch stands, so that no appearance is missed.
            if ((there = std::filesystem::exists(file))) break;
            std::array<pollfd, 2> events{pollfd{watch, POLLIN, 0}, pollfd{child.pidfd(), POLLIN, 0}};
            if (::poll(events.data(), events.size(), to_ms(limit)) <= 0 || events[1].revents != 0) break;
            std::array<char, 4096> ignored{};
            if (::read(watch, ignored.data(), ignored.size()) < 0) break;
        }
    }
    if (watch >= 0) ::close(watch);
    return there;
}

std::string read_file(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

Outcome run(std::vector<std::string> arguments, const std::filesystem::path& folder,
            std::map<std::string, std::string> environment) {
    Process process(std::move(arguments), folder, std::move(environment));
    const auto code = process.wait(std::chrono::seconds(120));
    if (!code) ADD_FAILURE() << "genqd has not ended in time";
    return {code.value_or(-1), process.out(), process.err()};
}

}  // namespace genq::test
