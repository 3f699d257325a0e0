#include "server/polling/law.hpp"

#include <algorithm>
#include <cmath>

namespace genq::polling {

namespace {

constexpr double first_edge = 0.125;
constexpr double bins_to_a_doubling = 4;
// Past this nobody knows anything: a task that lives on is taken for one that is just finishing.
constexpr double nothing = 1e-200;

std::array<double, bin_count + 1> make_edges() {
    std::array<double, bin_count + 1> edges{};
    for (std::size_t i = 1; i <= bin_count; ++i) {
        edges[i] = first_edge * std::exp2(static_cast<double>(i) / bins_to_a_doubling);
    }
    return edges;
}

const std::array<double, bin_count + 1>& edges() {
    static const auto all = make_edges();
    return all;
}

}  // namespace

double edge(std::size_t bin) {
    return edges().at(bin);
}

std::size_t bin_of(double seconds) {
    const auto& all = edges();
    const auto after = std::upper_bound(all.begin() + 1, all.end() - 1, seconds);
    return static_cast<std::size_t>(after - all.begin()) - 1;
}

Law::Law(const Bins& hazard) {
    survival_[0] = 1;
    for (std::size_t i = 0; i + 1 < bin_count; ++i) survival_[i + 1] = survival_[i] * (1 - hazard[i]);
    for (std::size_t i = bin_count; i-- > 0;) {
        left_[i] = left_[i + 1] + (survival_[i] + survival_[i + 1]) / 2 * (edge(i + 1) - edge(i));
    }
}

double Law::survival(double t) const {
    if (t <= 0) return 1;
    if (t >= edge(bin_count)) return 0;
    const std::size_t bin = bin_of(t);
    const double share = (t - edge(bin)) / (edge(bin + 1) - edge(bin));
    return survival_[bin] + share * (survival_[bin + 1] - survival_[bin]);
}

double Law::left(double t) const {
    if (t >= edge(bin_count)) return 0;
    const std::size_t bin = bin_of(std::max(t, 0.0));
    return left_[bin + 1] + (survival(t) + survival_[bin + 1]) / 2 * (edge(bin + 1) - std::max(t, 0.0));
}

double Law::hazard(double t) const {
    const double alive = survival(t);
    if (alive <= nothing) return 0;
    const std::size_t bin = bin_of(std::max(t, 0.0));
    return (survival_[bin] - survival_[bin + 1]) / (edge(bin + 1) - edge(bin)) / alive;
}

double Law::quantile(double p, double age) const {
    const double wanted = (1 - p) * survival(age);
    const auto after = std::ranges::partition_point(survival_, [&](double alive) { return alive > wanted; });
    if (after == survival_.begin() || after == survival_.end()) return std::max(age, 0.0);
    const auto bin = static_cast<std::size_t>(after - survival_.begin()) - 1;
    const double share = (survival_[bin] - wanted) / (survival_[bin] - survival_[bin + 1]);
    return std::max(age, edge(bin) + share * (edge(bin + 1) - edge(bin)));
}

double Law::done_by(double t, double looked) const {
    const double alive = survival(looked);
    return alive <= nothing ? 1 : 1 - survival(t) / alive;
}

double Law::unnoticed(double t, double looked) const {
    const double alive = survival(looked);
    if (alive <= nothing) return t - looked;
    return std::max(0.0, (t - looked) - (left(looked) - left(t)) / alive);
}

double Law::worth(double t, double looked) const {
    return unnoticed(t, looked) / std::max(1 - done_by(t, looked), 1e-9);
}

double Law::worth_asking_at(double price, double looked) const {
    const double alive = survival(looked);
    if (alive <= nothing) return looked;
    // worth >= price says that `gain` is not negative; it rises with t.
    const double owed = left(looked) + looked * alive;
    const auto gain = [&](double t, double living, double rest) { return t * alive + rest - owed - price * living; };
    std::size_t low = bin_of(looked);
    std::size_t high = bin_count;  // there nothing lives: the gain is positive
    while (high - low > 1) {
        const std::size_t middle = (low + high) / 2;
        (gain(edge(middle), survival_[middle], left_[middle]) < 0 ? low : high) = middle;
    }
    // Inside a bin the gain is c + b·x + a·x², x from here on.
    const double from = std::max(looked, edge(low));
    const double living = survival(from);
    const double fall = (survival_[low] - survival_[low + 1]) / (edge(low + 1) - edge(low));
    const double a = fall / 2;
    const double b = alive - living + price * fall;
    const double c = gain(from, living, left(from));
    if (c >= 0) return from;
    const double x = b > 0 || a > 0 ? -2 * c / (b + std::sqrt(b * b - 4 * a * c)) : edge(low + 1);
    return std::min(from + x, edge(low + 1));
}

double Law::progress(double t) const {
    return std::clamp(1 - left(t) / left_[0], 0.0, 1.0);
}

}  // namespace genq::polling
