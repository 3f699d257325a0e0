#include "server/api/http_metrics.hpp"

#include <algorithm>

namespace genq::api {

namespace {

std::size_t index_in(const auto& values, const auto& value) {
    return static_cast<std::size_t>(std::ranges::find(values, value) - values.begin());
}

}  // namespace

struct HttpMetrics::Row {
    std::string pattern;
    metrics::Histogram* seconds = nullptr;
    std::array<std::atomic<metrics::Counter*>, methods.size() * (statuses.size() + 1)> counters{};
};

HttpMetrics::HttpMetrics(metrics::Registry& registry, std::span<const Route> mounted) : registry_(registry) {
    std::vector<std::string> patterns;
    for (const auto table : {routes(), mounted}) {
        for (const Route& route : table) {
            const std::string pattern(route.pattern);
            if (std::ranges::find(patterns, pattern) == patterns.end()) patterns.push_back(pattern);
        }
    }
    patterns.emplace_back("none");
    for (auto& pattern : patterns) {
        auto row = std::make_unique<Row>();
        row->seconds = &registry_.histogram(
            "genqd_http_request_seconds",
            "From the arrival of a request to its answer, long polls included, in seconds",
            {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60},
            {{"route", pattern}});
        row->pattern = std::move(pattern);
        rows_.push_back(std::move(row));
    }
}

HttpMetrics::~HttpMetrics() = default;

HttpMetrics::Row& HttpMetrics::row(std::string_view pattern) {
    for (const auto& row : rows_) {
        if (row->pattern == pattern) return *row;
    }
    return *rows_.back();
}

void HttpMetrics::count(std::string_view pattern, std::string_view method, int status, std::chrono::nanoseconds took) {
    Row& found = row(pattern);
    const auto column = std::min<std::size_t>(index_in(methods, method), methods.size() - 1);
    auto& slot = found.counters[column * (statuses.size() + 1) + index_in(statuses, status)];
    metrics::Counter* counter = slot.load(std::memory_order_acquire);
    if (counter == nullptr) {
        // Two threads may both come here: the registry gives both the same series.
        counter = &registry_.counter(
            "genqd_http_requests_total", "Requests answered",
            {{"route", found.pattern}, {"method", std::string(methods[column])}, {"status", std::to_string(status)}});
        slot.store(counter, std::memory_order_release);
    }
    counter->Increment();
    found.seconds->Observe(std::chrono::duration<double>(took).count());
}

}  // namespace genq::api
