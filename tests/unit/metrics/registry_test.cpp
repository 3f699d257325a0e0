#include "common/metrics/registry.hpp"

#include <gmock/gmock.h>

namespace genq::metrics {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Registry, finds_a_series_again) {
    Registry registry;
    Counter& counter = registry.counter("genqd_jobs_total", "Jobs.", {{"model", "a"}});
    counter.Increment();
    EXPECT_EQ(&registry.counter("genqd_jobs_total", "Jobs.", {{"model", "a"}}), &counter);
    registry.counter("genqd_jobs_total", "Jobs.", {{"model", "b"}}).Increment(2);
    registry.histogram("genqd_lag_seconds", "Lag.", {0.1, 1}).Observe(0.5);
    const std::string text = registry.render();
    EXPECT_THAT(text, HasSubstr("# TYPE genqd_jobs_total counter\n"));
    EXPECT_THAT(text, HasSubstr("genqd_jobs_total{model=\"a\"} 1"));
    EXPECT_THAT(text, HasSubstr("genqd_jobs_total{model=\"b\"} 2"));
    EXPECT_THAT(text, HasSubstr("genqd_lag_seconds_bucket{le=\"1\"} 1"));
}

TEST(Registry, forgets_the_series_of_a_gauge) {
    Registry registry;
    registry.gauge("genqd_queue_jobs", "Queued.", {{"model", "a"}}).Set(3);
    registry.clear_gauges("genqd_queue_jobs");
    EXPECT_THAT(registry.render(), Not(HasSubstr("model=\"a\"")));
    registry.gauge("genqd_queue_jobs", "Queued.", {{"model", "b"}}).Set(4);
    EXPECT_THAT(registry.render(), HasSubstr("genqd_queue_jobs{model=\"b\"} 4"));
}

}  // namespace
}  // namespace genq::metrics
