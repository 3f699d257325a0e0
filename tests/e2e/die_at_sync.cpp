// Preloaded into the daemon by the kill matrix. SIGKILL at the N-th time it makes a file durable (GENQD_TEST_DIE_AT=N),
// or with GENQD_TEST_DIE_LATER just before the first write to the database's log after that: as late as the disk can
// still look as it did then.
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace {

std::atomic<bool> armed{false};

template <class Function>
Function real(const char* name) {
    Function function = nullptr;
    void* found = ::dlsym(RTLD_NEXT, name);
    std::memcpy(&function, &found, sizeof function);
    return function;
}

int sync(const char* name, int file) {
    static std::atomic<int> syncs{0};
    static const char* const given = std::getenv("GENQD_TEST_DIE_AT");
    static const int die_at = given != nullptr ? std::atoi(given) : 0;
    static const bool later = std::getenv("GENQD_TEST_DIE_LATER") != nullptr;
    const int result = real<int (*)(int)>(name)(file);
    if (++syncs == die_at) {
        if (!later) ::raise(SIGKILL);
        armed = true;
    }
    return result;
}

void about_to_write(int file) {
    if (!armed) return;
    char path[PATH_MAX];
    const auto length = ::readlink(("/proc/self/fd/" + std::to_string(file)).c_str(), path, sizeof path);
    if (length > 0 && std::string_view(path, static_cast<std::size_t>(length)).ends_with("-wal")) ::raise(SIGKILL);
}

}  // namespace

extern "C" {
__attribute__((visibility("default"))) int fsync(int file) {
    return sync("fsync", file);
}
__attribute__((visibility("default"))) int fdatasync(int file) {
    return sync("fdatasync", file);
}
__attribute__((visibility("default"))) ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t at) {
    about_to_write(file);
    return real<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64")(file, bytes, size, at);
}
}
