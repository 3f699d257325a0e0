#include "common/metrics/registry.hpp"

#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <mutex>
#include <set>

namespace genq::metrics {

struct Registry::Impl {
    struct GaugeFamily {
        prometheus::Family<Gauge>* family = nullptr;
        std::set<Gauge*> series;
    };
    prometheus::Registry families;
    std::mutex mutex;  // for gauges: which series a family has
    std::map<std::string, GaugeFamily> gauges;
};

Registry::Registry() : impl_(std::make_unique<Impl>()) {}
Registry::~Registry() = default;

// The same name again finds the same family, the same labels again the same series (prometheus-cpp merges both).
Counter& Registry::counter(const std::string& name, const std::string& help, const Labels& labels) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(impl_->families).Add(labels);
}

Gauge& Registry::gauge(const std::string& name, const std::string& help, const Labels& labels) {
    const std::lock_guard lock(impl_->mutex);
    auto& known = impl_->gauges[name];
    if (known.family == nullptr)
        known.family = &prometheus::BuildGauge().Name(name).Help(help).Register(impl_->families);
    Gauge& series = known.family->Add(labels);
    known.series.insert(&series);
    return series;
}

Histogram& Registry::histogram(const std::string& name, const std::string& help, const std::vector<double>& buckets,
                               const Labels& labels) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(impl_->families).Add(labels, buckets);
}

void Registry::clear_gauges(const std::string& name) {
    const std::lock_guard lock(impl_->mutex);
    const auto known = impl_->gauges.find(name);
    if (known == impl_->gauges.end()) return;
    for (Gauge* series : known->second.series) known->second.family->Remove(series);
    known->second.series.clear();
}

std::string Registry::render() const {
    return prometheus::TextSerializer().Serialize(impl_->families.Collect());
}

}  // namespace genq::metrics
