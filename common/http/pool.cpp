#include "common/http/pool.hpp"

namespace genq::http {
namespace {

using namespace std::chrono_literals;
constexpr auto longest_idle = 2s;
constexpr std::size_t most_per_origin = 32;

}  // namespace

Pool::Idle Pool::take(const std::string& origin) {
    const std::lock_guard lock(mutex_);
    prune();
    const auto found = idle_.find(origin);
    while (found != idle_.end() && !found->second.empty()) {
        Idle idle = std::move(found->second.back());
        found->second.pop_back();
        if (idle.stream->fit_for_reuse()) return idle;
    }
    return {};
}

void Pool::put(const std::string& origin, Idle idle) {
    const std::lock_guard lock(mutex_);
    prune();
    auto& streams = idle_[origin];
    if (streams.size() < most_per_origin) streams.push_back(std::move(idle));
}

std::size_t Pool::size() const {
    const std::lock_guard lock(mutex_);
    std::size_t count = 0;
    for (const auto& [origin, streams] : idle_) count += streams.size();
    return count;
}

void Pool::prune() {
    const SteadyTime now = clock_.now();
    for (auto& [origin, streams] : idle_) {
        std::erase_if(streams, [&](const Idle& idle) { return now - idle.since >= longest_idle; });
    }
    std::erase_if(idle_, [](const auto& entry) { return entry.second.empty(); });
}

}  // namespace genq::http
