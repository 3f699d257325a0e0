#pragma once
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace genq::metrics {

using Labels = std::map<std::string, std::string>;
using Counter = prometheus::Counter;
using Gauge = prometheus::Gauge;
using Histogram = prometheus::Histogram;

/// The program's metrics. Series are looked up once, at construction of who counts; counting is lock-free and may
/// happen on any thread. Names are `genqd_<noun>_<unit>[_total]`, in seconds and bytes; label values come from closed
/// sets.
class Registry {
  public:
    Registry();
    ~Registry();
    Registry(const Registry&) = delete;
    Registry& operator=(const Registry&) = delete;

    [[nodiscard]] Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {});
    [[nodiscard]] Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {});
    [[nodiscard]] Histogram& histogram(const std::string& name, const std::string& help,
                                       const std::vector<double>& buckets, const Labels& labels = {});
    /// Forgets all series of a gauge family, so that those with no value any more are not shown.
    void clear_gauges(const std::string& name);
    /// The text exposition format 0.0.4.
    [[nodiscard]] std::string render() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace genq::metrics
