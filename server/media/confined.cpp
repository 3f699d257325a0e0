#include "server/media/confined.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "common/core/check.hpp"
#include "server/media/confinement.hpp"

namespace genq::media {

namespace {

constexpr int not_confined = 125;  // env(1)'s code for "could not be run", which no tool here uses itself

/// A child that is always killed and waited for.
class Child {
  public:
    explicit Child(pid_t pid) : pid_(pid) {}
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() { (void)end(); }

    /// Its wait status; kills it, and what it started, if it still runs.
    int end() {
        if (pid_ > 0) {
            ::kill(-pid_, SIGKILL);
            wait();
        }
        return status_;
    }
    int wait() {
        while (pid_ > 0 && ::waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
        }
        pid_ = 0;
        return status_;
    }

  private:
    pid_t pid_;
    int status_ = 0;
};

/// The child's side: only async-signal-safe calls, since other threads of the parent may have held any lock.
[[noreturn]] void become(const Command& command, char* const* arguments, int input, int output, int dropped,
                         pid_t parent) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(not_confined);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    ::signal(SIGXFSZ, SIG_DFL);
    const bool wired = ::dup2(input, 0) == 0 && ::dup2(output, 1) == 1 && ::dup2(dropped, 2) == 2;
    if (!wired || ::syscall(SYS_close_range, 3U, ~0U, 0U) != 0) ::_exit(not_confined);
    ::setpriority(PRIO_PROCESS, 0, 10);  // where it is allowed: nobody waits for these
    const Limits limits{static_cast<std::uint64_t>(command.cpu.count()), command.memory_bytes};
    if (!confine(command.program.c_str(), command.input < 0 ? -1 : 0, limits)) ::_exit(not_confined);
    std::array<char*, 1> no_environment{nullptr};
    ::execve(command.program.c_str(), arguments, no_environment.data());
    ::_exit(not_confined);
}

struct Pipe {
    fs::Descriptor read;
    fs::Descriptor write;
};

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fs::fail_errno(errno, "a pipe");
    return Pipe{fs::Descriptor(ends[0]), fs::Descriptor(ends[1])};
}

Result<void> judge(int status, const std::string& program) {
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
    if (WIFEXITED(status) && WEXITSTATUS(status) == not_confined) {
        return fail(errc::io, program + " could not be run in confinement");
    }
    return fail(errc::malformed,
                program + (WIFEXITED(status) ? " ended with code " + std::to_string(WEXITSTATUS(status))
                                             : " was ended by signal " + std::to_string(WTERMSIG(status))));
}

}  // namespace

Confined::Confined(Clock& clock) : clock_(clock), stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    GENQ_CHECK(stop_.is_open());
}

void Confined::stop() {
    const std::uint64_t one = 1;
    (void)!::write(stop_.get(), &one, sizeof one);
}

Result<std::string> Confined::run(const Command& command) {
    auto dropped = fs::open_file("/dev/null", O_RDWR);
    auto pipe = make_pipe();
    if (!dropped) return std::unexpected(dropped.error());
    if (!pipe) return std::unexpected(pipe.error());
    std::vector<char*> arguments{const_cast<char*>(command.program.c_str())};
    for (const auto& argument : command.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    const SteadyTime deadline = clock_.now() + command.wall;
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) return fs::fail_errno(errno, command.program);
    if (pid == 0) {
        const int input = command.input < 0 ? dropped->get() : command.input;
        become(command, arguments.data(), input, pipe->write.get(), dropped->get(), parent);
    }
    ::setpgid(pid, pid);  // here too: whoever comes first, before it may have to be killed
    Child child(pid);
    pipe->write = fs::Descriptor();

    const fs::Descriptor ended(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!ended.is_open()) return fs::fail_errno(errno, command.program);

    // Until it has ended and its output has, too: what it started may still hold that.
    std::string output;
    std::array<char, 16 << 10> piece{};
    std::array<pollfd, 3> waited{{{stop_.get(), POLLIN, 0}, {pipe->read.get(), POLLIN, 0}, {ended.get(), POLLIN, 0}}};
    while (waited[1].fd >= 0 || waited[2].fd >= 0) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock_.now());
        if (left <= left.zero()) return fail(errc::timeout, command.program + " took too long and was ended");
        if (::poll(waited.data(), waited.size(), static_cast<int>(left.count())) < 0) {
            if (errno != EINTR) return fs::fail_errno(errno, command.program);
            continue;
        }
        if (waited[0].revents != 0) return fail(errc::canceled, command.program + " was ended: the daemon stops");
        if (waited[2].revents != 0) waited[2].fd = -1;
        if (waited[1].revents == 0) continue;
        const ssize_t got = ::read(pipe->read.get(), piece.data(), piece.size());
        if (got <= 0) {
            if (got == 0 || errno != EINTR) waited[1].fd = -1;
            continue;
        }
        if (output.size() + static_cast<std::size_t>(got) > command.max_output) {
            return fail(errc::too_large, command.program + " said more than " + std::to_string(command.max_output) +
                                             " bytes and was ended");
        }
        output.append(piece.data(), static_cast<std::size_t>(got));
    }
    if (auto judged = judge(child.wait(), command.program); !judged) return std::unexpected(judged.error());
    return output;
}

}  // namespace genq::media
