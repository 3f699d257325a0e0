#include "server/polling/durations.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

namespace genq::polling {

namespace {

constexpr double fading = 0.99;        // of what is known, at each task seen: the last hundred count
constexpr double prior_weight = 2;     // tasks
constexpr double doubt = 0.2;          // of the prior: the catalogue may be quite wrong
constexpr double narrowest = 0.3;      // of a prior, as the deviation of ln T
constexpr double one_in_ten = 1.2816;  // deviations of a normal law
constexpr double narrowest_seen = 0.9;
constexpr std::string_view form = "1";  // of the text

/// ln T is normal.
Bins log_normal(double median, double deviation) {
    const auto cdf = [&](double t) {
        return t <= 0 ? 0 : std::erfc(-std::log(t / median) / deviation / std::sqrt(2)) / 2;
    };
    Bins mass{};
    for (std::size_t i = 0; i < bin_count; ++i) mass[i] = cdf(edge(i + 1)) - cdf(edge(i));
    mass[bin_count - 1] += 1 - cdf(edge(bin_count));
    return mass;
}

/// Tasks of unknown models: anything from a hundredth of the longest wait to all of it.
Bins wide(double longest_wait) {
    return log_normal(longest_wait / 10, std::log(10) / 2);
}

void fade(Durations& durations) {
    for (double& weight : durations.done) weight *= fading;
    for (double& weight : durations.open) weight *= fading;
}

template <class Number>
bool take(std::string_view& text, Number& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc()) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

bool take(std::string_view& text, char sign) {
    if (text.empty() || text.front() != sign) return false;
    text.remove_prefix(1);
    return true;
}

template <class Number>
void put(std::string& out, Number value) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), end);
}

}  // namespace

Bins spread(const Prior& prior) {
    Bins mass = wide(prior.longest_wait);
    if (prior.typical_to <= 0) return mass;
    const double from = std::max(prior.typical_from, prior.typical_to / 10);
    const double deviation = std::max(narrowest, std::log(prior.typical_to / from) / 2 / one_in_ten);
    const Bins typical = log_normal(std::sqrt(from * prior.typical_to), deviation);
    for (std::size_t i = 0; i < bin_count; ++i) mass[i] = doubt * mass[i] + (1 - doubt) * typical[i];
    return mass;
}

void observe(Durations& durations, const Law& law, double after, double until) {
    fade(durations);
    ++durations.seen;
    const double from = std::clamp(std::min(after, until * narrowest_seen), 0.0, edge(bin_count - 1));
    const double to = std::max(until, from);
    const double between = law.survival(from) - law.survival(to);
    const std::size_t last = bin_of(to);
    if (!(between > 0)) {
        durations.done[last] += 1;
        return;
    }
    for (std::size_t i = bin_of(from); i <= last; ++i) {
        const double begins = std::max(from, edge(i));
        const double ends = i == last ? to : edge(i + 1);
        durations.done[i] += (law.survival(begins) - law.survival(ends)) / between;
    }
}

void censor(Durations& durations, double looked) {
    fade(durations);
    durations.open[bin_of(looked)] += 1;
}

Law learn(const Bins& prior, const Durations& durations, const Bins& running) {
    Bins hazard{};
    double at_risk = 0;  // those that lived at the bin's start and were seen at its end, or done by then
    for (std::size_t i = bin_count; i-- > 0;) {
        const double done = prior_weight * prior[i] + durations.done[i];
        at_risk += done;
        hazard[i] = at_risk > 0 ? std::min(1.0, done / at_risk) : 1;
        at_risk += durations.open[i] + running[i];
    }
    return Law(hazard);
}

std::string write(const Durations& durations) {
    std::string out(form);
    out += ' ';
    put(out, durations.seen);
    for (std::size_t i = 0; i < bin_count; ++i) {
        if (durations.done[i] == 0 && durations.open[i] == 0) continue;
        out += ' ';
        put(out, i);
        out += ':';
        put(out, durations.done[i]);
        out += ':';
        put(out, durations.open[i]);
    }
    return out;
}

std::optional<Durations> read(std::string_view text) {
    if (!text.starts_with(form)) return std::nullopt;
    text.remove_prefix(form.size());
    Durations durations;
    if (!take(text, ' ') || !take(text, durations.seen) || durations.seen < 0) return std::nullopt;
    while (!text.empty()) {
        std::size_t bin = 0;
        if (!take(text, ' ') || !take(text, bin) || bin >= bin_count) return std::nullopt;
        if (!take(text, ':') || !take(text, durations.done[bin])) return std::nullopt;
        if (!take(text, ':') || !take(text, durations.open[bin])) return std::nullopt;
        for (const double weight : {durations.done[bin], durations.open[bin]}) {
            if (!std::isfinite(weight) || weight < 0) return std::nullopt;
        }
    }
    return durations;
}

}  // namespace genq::polling
