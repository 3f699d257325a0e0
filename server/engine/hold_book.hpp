#pragma once
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/core/clock.hpp"
#include "server/store/job_store.hpp"

namespace genq::engine {

/// The holds that are on, and which of them lets what through. The store has the same rows; this is what the engine
/// decides by (DESIGN.md, "Holds"). Pure; engine strand.
class HoldBook {
  public:
    /// Whether creates may be sent.
    struct Gate {
        bool open = true;
        bool single = false;  ///< open for one create at a time: a probe
        QueueReason reason = QueueReason::rate_limit;
        std::string detail;
    };

    void load(const std::vector<store::Hold>& holds, SteadyTime now);
    /// Puts a hold on, or replaces the one of its reason and model. `create_probe_in`: how long until one create may
    /// try whether the hold still stands (credits only).
    void set(store::Hold hold, SteadyTime now, std::optional<std::chrono::milliseconds> create_probe_in = std::nullopt);
    void clear(QueueReason reason, const std::string& model);
    [[nodiscard]] bool has(QueueReason reason) const;
    [[nodiscard]] const store::Hold* find(QueueReason reason, const std::string& model) const;
    [[nodiscard]] std::vector<store::Hold> all() const;
    [[nodiscard]] std::set<std::string> paused_models() const;

    /// `half_open`: the breaker lets one create at a time through.
    [[nodiscard]] Gate gate(SteadyTime now, bool half_open) const;
    /// A probing create of the credits hold went out: the next one waits for the interval again.
    void probed(SteadyTime now);
    /// Holds whose `until` is past.
    [[nodiscard]] std::vector<store::Hold> over(WallTime now) const;
    /// The next `until`, by the wall clock.
    [[nodiscard]] std::optional<WallTime> next_until() const;
    /// When a create may probe the credits hold.
    [[nodiscard]] std::optional<SteadyTime> create_probe_at() const;

  private:
    using Key = std::pair<QueueReason, std::string>;
    std::map<Key, store::Hold> holds_;  // by the precedence of QueueReason
    std::chrono::milliseconds create_probe_every_{300'000};
    SteadyTime create_probe_at_{};
};

}  // namespace genq::engine
