#include "server/engine/hold_book.hpp"

#include <algorithm>

namespace genq::engine {

void HoldBook::load(const std::vector<store::Hold>& holds, SteadyTime now) {
    for (const store::Hold& hold : holds) set(hold, now, create_probe_every_);
}

void HoldBook::set(store::Hold hold, SteadyTime now, std::optional<std::chrono::milliseconds> create_probe_in) {
    if (hold.reason == QueueReason::credits && create_probe_in) {
        create_probe_every_ = *create_probe_in;
        create_probe_at_ = now + *create_probe_in;
    }
    Key key{hold.reason, hold.model};
    holds_.insert_or_assign(std::move(key), std::move(hold));
}

void HoldBook::clear(QueueReason reason, const std::string& model) {
    holds_.erase(Key{reason, model});
}

bool HoldBook::has(QueueReason reason) const {
    return std::ranges::any_of(
        holds_, [&](const auto& entry) { return entry.first.first == reason && entry.first.second.empty(); });
}

const store::Hold* HoldBook::find(QueueReason reason, const std::string& model) const {
    const auto found = holds_.find(Key{reason, model});
    return found == holds_.end() ? nullptr : &found->second;
}

std::vector<store::Hold> HoldBook::all() const {
    std::vector<store::Hold> out;
    out.reserve(holds_.size());
    for (const auto& [key, hold] : holds_) out.push_back(hold);
    return out;
}

std::set<std::string> HoldBook::paused_models() const {
    std::set<std::string> out;
    for (const auto& [key, hold] : holds_) {
        if (key.first == QueueReason::paused && !key.second.empty()) out.insert(key.second);
    }
    return out;
}

HoldBook::Gate HoldBook::gate(SteadyTime now, bool half_open) const {
    Gate gate;
    for (const auto& [key, hold] : holds_) {
        if (!key.second.empty()) continue;  // one model's pause holds back that model alone
        const bool probe = (hold.reason == QueueReason::credits && now >= create_probe_at_) ||
                           (hold.reason == QueueReason::upstream_down && half_open && !hold.until);
        if (probe && gate.open) {
            gate.single = true;
            continue;
        }
        if (gate.open) gate = Gate{false, false, hold.reason, hold.detail};
    }
    return gate;
}

void HoldBook::probed(SteadyTime now) {
    create_probe_at_ = now + create_probe_every_;
}

std::vector<store::Hold> HoldBook::over(WallTime now) const {
    std::vector<store::Hold> out;
    for (const auto& [key, hold] : holds_) {
        if (hold.until && *hold.until <= now) out.push_back(hold);
    }
    return out;
}

std::optional<WallTime> HoldBook::next_until() const {
    std::optional<WallTime> next;
    for (const auto& [key, hold] : holds_) {
        if (hold.until && (!next || *hold.until < *next)) next = hold.until;
    }
    return next;
}

std::optional<SteadyTime> HoldBook::create_probe_at() const {
    if (!has(QueueReason::credits)) return std::nullopt;
    return create_probe_at_;
}

}  // namespace genq::engine
