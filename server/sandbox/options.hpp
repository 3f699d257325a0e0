#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/sandbox/faults.hpp"

namespace genq::sandbox {

/// How the stand-in behaves. All durations of tasks, and how long URLs live, are divided by `time_scale`.
struct Options {
    std::vector<std::string> listen{"127.0.0.1:0"};
    double time_scale = 1.0;  ///< > 0; 60 makes a minute last a second
    std::string api_key{};    ///< "" takes any bearer token, but one there must be
    int limit_requests = 20;  ///< in any `limit_window`; 0: no limit
    std::chrono::milliseconds limit_window{10'000};
    bool limit_all = true;                     ///< every API request counts; false: only what makes a task
    double credits = 10'000;                   ///< the balance at the start
    std::uint64_t seed = 1;                    ///< of the drawn durations
    std::string hmac_key{};                    ///< signs callbacks when set
    std::optional<double> duration_s{};        ///< every task lasts so many seconds (before scaling)
    std::chrono::milliseconds not_visible{0};  ///< a new Market task answers "recordInfo is null" so long; unscaled
    std::chrono::milliseconds media_ttl{std::chrono::hours(24)};
    bool seed_variants = false;  ///< serves the older public paths and shapes in place of the documented ones
    std::vector<Fault> faults{};
};

}  // namespace genq::sandbox
