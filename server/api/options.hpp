#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "server/api/validation.hpp"

namespace genq::api {

/// What an operator can set of the API; app/config fills it.
struct Options {
    std::vector<std::string> host_names{};       ///< names (no ports) that `Host` may have while no token is configured
    std::string public_url{};                    ///< `http.public_url`, or "": its host and origin count as ours
    std::vector<std::string> cors_origins{};     ///< `http.cors_origins`: "https://app.example", or "*"
    bool readyz_open = true;                     ///< false: `/readyz` needs the scope `read`
    bool metrics_open = true;                    ///< the same for `/metrics`
    bool allow_unknown_models = true;            ///< `models.allow_unknown`
    Validation validation = Validation::warn;    ///< `models.validation`
    std::uint64_t max_body_bytes = 1ULL << 20U;  ///< `http.max_body_bytes`: of a request that carries no file
    std::uint64_t max_file_bytes = 1ULL << 30U;  ///< `http.max_file_bytes`: of a file that a client sends or names
    std::size_t max_streams = 896;               ///< of events, open at once; more are 503
    std::int64_t max_queued = 10'000'000;        ///< jobs queued; more are 429 `queue_full`. 0: no limit
    std::uint64_t min_free_bytes = 256ULL << 20U;  ///< less is a failing `disk_space` in `/readyz`
    /// How long a generation may take where the catalogue says nothing, by PollProfile; for `GET /v1/models`.
    std::array<std::chrono::seconds, 4> longest_wait{std::chrono::seconds(300), std::chrono::seconds(600),
                                                     std::chrono::seconds(600), std::chrono::seconds(300)};
    std::chrono::seconds url_ttl{86'400};  ///< `front.url_ttl_s`: of signed URLs in kie.ai's answers
    bool allow_private = false;            ///< `downloads.allow_private`: it may be fetched from anywhere
    std::string version{};                 ///< the program's; for `genqd_build_info`

    /// Of a batch, which may be a thousand jobs.
    [[nodiscard]] std::uint64_t max_batch_bytes() const { return 16 * max_body_bytes; }
};

}  // namespace genq::api
