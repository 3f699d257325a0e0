#include "common/metrics/process.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace genq::metrics {

namespace {

/// Seconds since 1970 at which the machine was booted; 0 if /proc does not tell.
double boot_time() {
    std::ifstream stat("/proc/stat");
    for (std::string line; std::getline(stat, line);) {
        if (line.starts_with("btime ")) return std::stod(line.substr(6));
    }
    return 0;
}

/// The fields of /proc/self/stat from the third on, which is the first behind the program's name (proc(5)).
std::vector<std::string> own_stat() {
    std::ifstream file("/proc/self/stat");
    std::string text{std::istreambuf_iterator<char>(file), {}};
    std::istringstream rest(text.substr(std::min(text.rfind(')') + 1, text.size())));
    return {std::istream_iterator<std::string>(rest), {}};
}

constexpr std::size_t utime = 11;  // in own_stat()
constexpr std::size_t stime = 12;
constexpr std::size_t starttime = 19;
constexpr std::size_t vsize = 20;
constexpr std::size_t rss = 21;

}  // namespace

ProcessMetrics::ProcessMetrics(Registry& registry)
    : start_time_(registry.gauge("process_start_time_seconds", "When the process was started, since 1970")),
      cpu_seconds_(registry.counter("process_cpu_seconds_total", "CPU time of the process, in user and system mode")),
      resident_bytes_(registry.gauge("process_resident_memory_bytes", "Memory of the process that is in RAM")),
      virtual_bytes_(registry.gauge("process_virtual_memory_bytes", "Address space of the process")),
      open_fds_(registry.gauge("process_open_fds", "File descriptors that are open")),
      max_fds_(registry.gauge("process_max_fds", "File descriptors that may be open")) {}

void ProcessMetrics::read() {
    const std::lock_guard lock(mutex_);
    const auto stat = own_stat();
    if (stat.size() > rss) {
        const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
        const auto seconds = [&](std::size_t field) { return std::stod(stat[field]) / ticks; };
        start_time_.Set(boot_time() + seconds(starttime));
        cpu_seconds_.Increment(std::max(0.0, seconds(utime) + seconds(stime) - cpu_seconds_.Value()));
        virtual_bytes_.Set(std::stod(stat[vsize]));
        resident_bytes_.Set(std::stod(stat[rss]) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
    }
    std::error_code none;
    const std::filesystem::directory_iterator open("/proc/self/fd", none);
    // The one that reads the folder is among them.
    if (!none) open_fds_.Set(static_cast<double>(std::distance(begin(open), end(open)) - 1));
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) max_fds_.Set(static_cast<double>(limit.rlim_cur));
}

}  // namespace genq::metrics
