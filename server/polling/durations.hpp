#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/polling/law.hpp"

namespace genq::polling {

/// What is known of a model before one of its tasks was seen.
struct Prior {
    double typical_from = 0;    ///< seconds of a typical run, as the catalogue has them; 0: not in the catalogue
    double typical_to = 0;      ///< >= typical_from
    double longest_wait = 300;  ///< seconds
};

/// What was seen of a model's tasks: a histogram in which the older fade. Pure; DESIGN.md, "Polling".
struct Durations {
    std::int64_t seen = 0;  ///< tasks that finished, none faded
    Bins done{};            ///< the weight of those that finished within the bin
    Bins open{};            ///< the weight of those that were last seen unfinished within the bin, and then no more

    friend bool operator==(const Durations&, const Durations&) = default;
};

/// A task finished at an age between `after` and `until` (seconds): at the first it was not done, at the second it was.
/// Its weight is spread over the bins between as the law so far has it.
void observe(Durations& durations, const Law& law, double after, double until);
/// A task was not done at the age `looked`, and is not watched any more.
void censor(Durations& durations, double looked);

/// The prior's own distribution, by bins; adds up to 1.
[[nodiscard]] Bins spread(const Prior& prior);
/// The law: the prior (as spread() gives it) weighs as much as a few tasks; `running` holds for each bin how many
/// running tasks were last seen unfinished in it. (The product-limit estimator, the prior being tasks seen before all
/// others.)
[[nodiscard]] Law learn(const Bins& prior, const Durations& durations, const Bins& running);

/// As one line of text, for the database: read(write(x)) == x.
[[nodiscard]] std::string write(const Durations& durations);
/// nullopt for what write() does not write.
[[nodiscard]] std::optional<Durations> read(std::string_view text);

}  // namespace genq::polling
