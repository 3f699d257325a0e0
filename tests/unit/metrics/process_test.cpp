#include "common/metrics/process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

namespace genq::metrics {
namespace {

class ProcessMetricsTest : public ::testing::Test {
  protected:
    /// A metric as it is shown.
    double shown(const std::string& name) {
        process_.read();
        const std::string text = registry_.render();
        const auto at = text.find("\n" + name + " ");
        return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
    }
    Registry registry_;
    ProcessMetrics process_{registry_};
};

TEST_F(ProcessMetricsTest, counts_the_descriptors_that_are_open) {
    const double before = shown("process_open_fds");
    EXPECT_GE(before, 1);
    const int file = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ASSERT_GE(file, 0);
    EXPECT_EQ(shown("process_open_fds"), before + 1);
    ::close(file);
    EXPECT_EQ(shown("process_open_fds"), before);
    EXPECT_GT(shown("process_max_fds"), before);
}

TEST_F(ProcessMetricsTest, tells_memory_and_time) {
    const double resident = shown("process_resident_memory_bytes");
    EXPECT_GT(resident, 1'000'000);
    EXPECT_GT(shown("process_virtual_memory_bytes"), resident);
    EXPECT_GT(shown("process_start_time_seconds"), 1'500'000'000) << "seconds since 1970";
    const double used = shown("process_cpu_seconds_total");
    EXPECT_GE(used, 0);
    EXPECT_GE(shown("process_cpu_seconds_total"), used) << "a counter";
}

}  // namespace
}  // namespace genq::metrics
