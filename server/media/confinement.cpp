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

/// No sockets, whatever address family: neither the network nor a local daemon can be talked to. Unlike a network
/// namespace this works in containers and under systemd's RestrictNamespaces. io_uring would be a way around it.
bool refuse_sockets() {
    constexpr std::uint32_t refuse = SECCOMP_RET_ERRNO | EACCES;
    constexpr auto word = BPF_LD | BPF_W | BPF_ABS;
    constexpr auto equal = BPF_JMP | BPF_JEQ | BPF_K;
    constexpr auto at_least = BPF_JMP | BPF_JGE | BPF_K;
    constexpr auto give = BPF_RET | BPF_K;
    std::array filter{
        sock_filter{word, 0, 0, offsetof(seccomp_data, arch)},
        sock_filter{equal, 1, 0, this_machine},
        sock_filter{give, 0, 0, SECCOMP_RET_KILL_PROCESS},
        sock_filter{word, 0, 0, offsetof(seccomp_data, nr)},
        sock_filter{at_least, 5, 0, 0x40000000},  // x32's numbers of the same calls
        sock_filter{equal, 4, 0, SYS_socket},
        sock_filter{equal, 3, 0, SYS_socketpair},
        sock_filter{equal, 2, 0, SYS_io_uring_setup},
        sock_filter{equal, 1, 0, SYS_ptrace},
        sock_filter{give, 0, 0, SECCOMP_RET_ALLOW},
        sock_filter{give, 0, 0, refuse},
    };
    const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
    return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

}  // namespace

bool confine(const char* program, int input, const Limits& limits) {
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && hide_files(program, input) && refuse_sockets() &&
           limit_all(limits);
}

}  // namespace genq::media
