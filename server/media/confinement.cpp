#include "server/media/confinement.hpp"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>

namespace genq::media {

namespace {

constexpr std::uint64_t read_only = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE;
// All rights of Landlock's first version; what is handled and not allowed is refused.
constexpr std::uint64_t all_rights = (1ULL << 13U) - 1;

bool limit(__rlimit_resource_t what, rlim_t value) {
    const rlimit both{value, value};
    return ::setrlimit(what, &both) == 0;
}

bool limit_all(const Limits& limits) {
    // No file may grow: a write to one ends the program. Pipes have no size.
    return limit(RLIMIT_CPU, limits.cpu_s) && limit(RLIMIT_AS, limits.memory_bytes) && limit(RLIMIT_FSIZE, 0) &&
           limit(RLIMIT_CORE, 0) && limit(RLIMIT_NOFILE, 64);
}

void allow(int rules, int file, std::uint64_t rights) {
    landlock_path_beneath_attr attr{};
    attr.allowed_access = rights;
    attr.parent_fd = file;
    // What is not allowed then can't be opened: no way to be less confined.
    (void)::syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &attr, 0);
}

void allow_path(int rules, const char* path, std::uint64_t rights) {
    const int file = ::open(path, O_PATH | O_CLOEXEC);
    if (file < 0) return;
    allow(rules, file, rights);
    ::close(file);
}

/// Of all files only programs, their libraries and the input can be opened, and only to be read. True where the kernel
/// has no Landlock, too.
bool hide_files(const char* program, int input) {
    landlock_ruleset_attr attr{};
    attr.handled_access_fs = all_rights;
    const auto rules = static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0));
    if (rules < 0) return errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM;
    for (const char* folder : {"/usr", "/lib", "/lib64"}) {
        allow_path(rules, folder, read_only | LANDLOCK_ACCESS_FS_READ_DIR);
    }
    allow_path(rules, "/etc/ld.so.cache", LANDLOCK_ACCESS_FS_READ_FILE);
    allow_path(rules, program, read_only);
    if (input >= 0) allow(rules, input, LANDLOCK_ACCESS_FS_READ_FILE);
    const bool done = ::syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    ::close(rules);
    return done;
}

#if defined(__x86_64__)
constexpr std::uint32_t this_machine = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t this_machine = AUDIT_ARCH_AARCH64;
#else
#error "which AUDIT_ARCH_ is this machine?"
#endif

/// Calls that no program here needs and one that a hostile file took over could use: sockets of every address family
/// (unlike a network namespace this works in containers and under systemd's RestrictNamespaces), io_uring as a way
/// around that, and what reaches into other processes of the user, the daemon among them.
constexpr std::array refused_calls{SYS_socket,           SYS_socketpair,        SYS_io_uring_setup, SYS_ptrace,
                                   SYS_process_vm_readv, SYS_process_vm_writev, SYS_pidfd_open,     SYS_tkill,
                                   SYS_rt_sigqueueinfo,  SYS_rt_tgsigqueueinfo};

/// A program for seccomp, made without allocating.
class Filter {
  public:
    void add(unsigned code, std::uint32_t value, std::uint8_t skip_if = 0, std::uint8_t skip_else = 0) {
        steps_[size_++] = {static_cast<std::uint16_t>(code), skip_if, skip_else, value};
    }
    [[nodiscard]] bool install() {
        const sock_fprog program{size_, steps_.data()};
        return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
    }

  private:
    std::array<sock_filter, 2 * refused_calls.size() + 12> steps_{};
    std::uint16_t size_ = 0;
};

bool refuse_calls() {
    constexpr std::uint32_t refuse = SECCOMP_RET_ERRNO | EACCES;
    constexpr unsigned word = BPF_LD | BPF_W | BPF_ABS;
    constexpr unsigned equal = BPF_JMP | BPF_JEQ | BPF_K;
    constexpr unsigned at_least = BPF_JMP | BPF_JGE | BPF_K;
    constexpr unsigned give = BPF_RET | BPF_K;
    Filter filter;
    filter.add(word, offsetof(seccomp_data, arch));
    filter.add(equal, this_machine, 1);
    filter.add(give, SECCOMP_RET_KILL_PROCESS);
    filter.add(word, offsetof(seccomp_data, nr));
    filter.add(at_least, 0x40000000, 0, 1);  // x32's numbers of the same calls
    filter.add(give, refuse);
    for (const auto call : refused_calls) {
        filter.add(equal, static_cast<std::uint32_t>(call), 0, 1);
        filter.add(give, refuse);
    }
    // Signals to itself only, which is how abort() ends it.
    filter.add(equal, SYS_kill, 1);
    filter.add(equal, SYS_tgkill, 0, 3);
    filter.add(word, offsetof(seccomp_data, args));
    filter.add(equal, static_cast<std::uint32_t>(::getpid()), 1);
    filter.add(give, refuse);
    filter.add(give, SECCOMP_RET_ALLOW);
    return filter.install();
}

}  // namespace

bool confine(const char* program, int input, const Limits& limits) {
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && hide_files(program, input) && refuse_calls() &&
           limit_all(limits);
}

}  // namespace genq::media
