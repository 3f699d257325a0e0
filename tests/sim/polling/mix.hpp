#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "common/core/random.hpp"
#include "server/polling/durations.hpp"
#include "server/polling/schedule.hpp"

namespace genq::sim {

/// A model of the mix: how often it is asked for and how long its tasks really take.
struct MixModel {
    std::string name;
    double share = 0;      ///< of all jobs
    double median_s = 0;   ///< of the true duration, which is log-normal …
    double deviation = 0;  ///< … with this deviation of its logarithm
    double longest_s = 0;  ///< nothing takes longer
    polling::Rule rule;
    polling::Prior prior;  ///< what the catalogue says of it
};

/// Images, music and videos as kie.ai's callers make them; the catalogue's seconds are right for some only.
[[nodiscard]] std::vector<MixModel> usual_mix();

/// Draws a model by its share.
[[nodiscard]] const MixModel& draw(const std::vector<MixModel>& mix, Random& random);
/// Draws a true duration.
[[nodiscard]] std::chrono::milliseconds draw_duration(const MixModel& model, Random& random);

}  // namespace genq::sim
