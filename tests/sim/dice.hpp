#pragma once
#include <chrono>
#include <cmath>
#include <span>

#include "common/core/random.hpp"

namespace genq::sim {

/// The simulation's own randomness, apart from the engine's, so that both replay from one seed.
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : random_(seed) {}

    [[nodiscard]] bool chance(double probability) { return random_.unit() < probability; }
    [[nodiscard]] int below(int bound) { return static_cast<int>(random_.below(static_cast<std::uint64_t>(bound))); }
    [[nodiscard]] std::chrono::milliseconds between(std::chrono::milliseconds least, std::chrono::milliseconds most) {
        return least + std::chrono::milliseconds(random_.below(static_cast<std::uint64_t>((most - least).count()) + 1));
    }
    /// Heavy-tailed (Pareto, exponent 1.2) from `least` on, at most `most`.
    [[nodiscard]] std::chrono::milliseconds heavy(std::chrono::milliseconds least, std::chrono::milliseconds most) {
        const double stretched = static_cast<double>(least.count()) * std::pow(1.0 - random_.unit(), -1.0 / 1.2);
        return std::min(most, std::chrono::milliseconds(
                                  static_cast<std::int64_t>(std::min(stretched, static_cast<double>(most.count())))));
    }
    /// The wait for the next of events that come `mean` apart on average (exponential).
    [[nodiscard]] std::chrono::milliseconds next_after(std::chrono::milliseconds mean) {
        return std::chrono::milliseconds(
            1 + static_cast<std::int64_t>(-std::log(1.0 - random_.unit()) * static_cast<double>(mean.count())));
    }
    template <class T>
    [[nodiscard]] const T& pick(std::span<const T> from) {
        return from[random_.below(from.size())];
    }

  private:
    SeededRandom random_;
};

}  // namespace genq::sim
