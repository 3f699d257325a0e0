#pragma once
#include <chrono>
#include <optional>

#include "common/core/clock.hpp"
#include "server/catalogue/catalogue.hpp"
#include "server/domain/job.hpp"
#include "server/engine/engine.hpp"
#include "server/polling/law.hpp"

namespace genq::api {

/// When a job may start and end, as far as one can tell. No promise.
struct Estimate {
    double fraction = 0;                ///< 0…1 of its way
    std::optional<WallTime> start_at;   ///< of a queued job, if nothing unforeseeable keeps it
    std::optional<WallTime> finish_at;  ///< of an unfinished one
};

/// `position`: how many go first, if known; `law`: how long such a task takes. Pure.
[[nodiscard]] Estimate estimate(const Job& job, const engine::Snapshot& snapshot, std::optional<int> position,
                                const polling::Law& law, WallTime now);

/// Until the last of `ready` jobs that are ready now has been sent, as `start_at` has it. Nullopt while a hold keeps
/// them, or nothing is known of the tasks that have to end before.
[[nodiscard]] std::optional<std::chrono::milliseconds> drain_time(const engine::Snapshot& snapshot, std::int64_t ready);

/// The law of a job's model: as learnt, else the catalogue's seconds (`model` may be null), else a wide guess.
[[nodiscard]] polling::Law law_for(const engine::Snapshot& snapshot, const catalogue::Model* model, const Job& job,
                                   std::chrono::seconds longest_wait);

/// When a client should ask again: from the estimate, at least 1 s and at most 60 s.
[[nodiscard]] std::chrono::seconds retry_after(const Estimate& estimate, WallTime now);

/// Why a queued job is not running: its own reason first, then the queue's (API.md).
[[nodiscard]] QueueReason queue_reason(const Job& job, const engine::Snapshot& snapshot);

}  // namespace genq::api
