#pragma once
#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "common/metrics/registry.hpp"
#include "server/api/routes.hpp"

namespace genq::api {

/// `genqd_http_requests_total` and `genqd_http_request_seconds`. Series are made when first used and then found without
/// a lock. Any thread.
class HttpMetrics {
  public:
    /// `mounted`: routes beside the API's own.
    HttpMetrics(metrics::Registry& registry, std::span<const Route> mounted);
    ~HttpMetrics();
    HttpMetrics(const HttpMetrics&) = delete;
    HttpMetrics& operator=(const HttpMetrics&) = delete;

    /// `pattern`: the route's, "" for none.
    void count(std::string_view pattern, std::string_view method, int status, std::chrono::nanoseconds took);

  private:
    static constexpr std::array<std::string_view, 5> methods{"GET", "HEAD", "POST", "DELETE", "other"};
    static constexpr std::array statuses{200, 202, 204, 206, 304, 400, 401, 403, 404, 405, 408, 409, 411,
                                         413, 415, 416, 417, 421, 422, 429, 431, 500, 501, 502, 503, 507};
    struct Row;

    [[nodiscard]] Row& row(std::string_view pattern);

    metrics::Registry& registry_;
    std::vector<std::unique_ptr<Row>> rows_;  // one for each pattern, the last for none
};

}  // namespace genq::api
