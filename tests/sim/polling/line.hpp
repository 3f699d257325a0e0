#pragma once
#include <chrono>
#include <cstdint>
#include <optional>

#include "tests/sim/polling/mix.hpp"

namespace genq::sim {

enum class Looks {
    learned,  ///< the real planner
    fixed,    ///< every five seconds, the longest due first
    none,     ///< a callback tells of the end
};

struct LineOptions {
    std::uint64_t seed = 1;
    Looks looks = Looks::learned;
    double jobs_a_minute = 30;  ///< arriving at random; 0: a backlog that never ends
    int warm_up = 200;          ///< jobs that end before anything is counted
    int jobs = 1'500;           ///< counted
    int max_tasks = 100;
    int limit = 20;               ///< requests in 10 s, of the real limiter
    std::optional<double> price;  ///< in place of the limiter's own
    bool floors = true;           ///< false: the rules' shortest intervals don't hold
};

struct LineResult {
    double queries_a_job = 0;
    double unnoticed_s = 0;    ///< mean, from a task's end to the answer that shows it
    double jobs_a_minute = 0;  ///< ended
    double within_50 = 0;      ///< share of jobs that took no longer than was predicted with 50 % …
    double within_90 = 0;      ///< … and with 90 %, at their submission
    double longest_unasked_s = 0;
    double create_wait_s = 0;  ///< mean wait of a job for its create's token; 0 for a backlog
};

/// Creates and queries in line for the real limiter's tokens, with the real planner, on a clock of its own: what
/// the engine's dispatcher does, without its store and its network. The same seed gives the same numbers.
[[nodiscard]] LineResult run_line(const LineOptions& options, const std::vector<MixModel>& mix);

/// Both ways of looking without a limit, the price chosen so that they send as many queries.
struct EqualQueries {
    LineResult fixed;
    LineResult learned;
};
[[nodiscard]] EqualQueries at_equal_queries(std::uint64_t seed, int jobs, const std::vector<MixModel>& mix);

}  // namespace genq::sim
