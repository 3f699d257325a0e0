#include "tests/sim/polling/mix.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace genq::sim {

using namespace std::chrono_literals;

std::vector<MixModel> usual_mix() {
    const polling::Rule image;
    const polling::Rule slow{5s, 5s, 120s, 20s, 600s};
    return {
        {"draft image", 0.25, 6, 0.25, 60, image, {5, 10, 300}}, {"image", 0.30, 14, 0.35, 120, image, {5, 10, 300}},
        {"upscale", 0.10, 25, 0.5, 200, image, {0, 0, 300}},     {"speech", 0.05, 8, 0.4, 100, slow, {5, 10, 600}},
        {"music", 0.15, 75, 0.3, 400, slow, {30, 120, 600}},     {"video", 0.15, 95, 0.35, 500, slow, {60, 180, 600}},
    };
}

const MixModel& draw(const std::vector<MixModel>& mix, Random& random) {
    double left = random.unit();
    for (const MixModel& model : mix) {
        left -= model.share;
        if (left < 0) return model;
    }
    return mix.back();
}

std::chrono::milliseconds draw_duration(const MixModel& model, Random& random) {
    // Box and Muller's normal number.
    const double radius = std::sqrt(-2 * std::log(1 - random.unit()));
    const double normal = radius * std::cos(2 * std::numbers::pi * random.unit());
    const double seconds = std::min(model.longest_s, model.median_s * std::exp(model.deviation * normal));
    return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

}  // namespace genq::sim
