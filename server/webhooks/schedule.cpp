#include "server/webhooks/schedule.hpp"

#include <array>

namespace genq::webhooks {

namespace {

using namespace std::chrono_literals;

// As Standard Webhooks proposes ("Delivery and retries"); the last one makes it two days.
constexpr std::array<std::chrono::seconds, 8> pauses{5s, 5min, 30min, 2h, 5h, 10h, 14h, 16h + 24min + 55s};
constexpr int gone = 410;

}  // namespace

std::optional<std::chrono::seconds> pause_after(int tries) {
    const auto index = static_cast<std::size_t>(tries - 1);
    return index < pauses.size() ? std::optional(pauses[index]) : std::nullopt;
}

std::chrono::milliseconds jittered(std::chrono::seconds pause, Random& random) {
    const std::chrono::milliseconds whole = pause;
    return whole + std::chrono::milliseconds(random.below(static_cast<std::uint64_t>(whole.count()) / 5 + 1));
}

store::AfterTry after(const store::DeliveryTry& how, int tries) {
    const int status = how.status.value_or(0);
    if (status >= 200 && status < 300) return store::AfterTry::delivered;
    if (status == gone) return store::AfterTry::gone;
    return pause_after(tries) ? store::AfterTry::again : store::AfterTry::give_up;
}

}  // namespace genq::webhooks
