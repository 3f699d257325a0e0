#pragma once
#include <chrono>
#include <optional>

#include "common/core/random.hpp"
#include "server/store/deliveries.hpp"

namespace genq::webhooks {

/// How long after so many tries (from 1) the next one comes, before jitter: two days in all. nullopt: there is none.
[[nodiscard]] std::optional<std::chrono::seconds> pause_after(int tries);

/// The pause with up to a fifth more of it, so that what failed together is not tried together.
[[nodiscard]] std::chrono::milliseconds jittered(std::chrono::seconds pause, Random& random);

/// What a try means that was number `tries` (from 1). A redirect is no delivery: it is not followed.
[[nodiscard]] store::AfterTry after(const store::DeliveryTry& how, int tries);

}  // namespace genq::webhooks
