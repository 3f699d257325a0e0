#include "server/engine/restore.hpp"

#include "common/core/rfc3339.hpp"

namespace genq::engine {

namespace asio = boost::asio;

namespace {
constexpr int jobs_at_once = 500;
}

asio::awaitable<Result<void>> hold_restored(Core& core) {
    store::JobStore& store = core.ports.store;
    const std::string copied_name(store::copied_fact);
    const std::string restored_name(store::restored_fact);
    const auto copied = co_await store.fact(copied_name);
    if (!copied) co_return std::unexpected(copied.error());
    auto restored = co_await store.fact(restored_name);
    if (!restored) co_return std::unexpected(restored.error());
    if (*copied) {
        if (auto set = co_await store.set_fact(restored_name, *copied); !set) co_return set;
        restored = copied;
    }
    if (!*restored) co_return Result<void>{};
    core.restored = store::copy_mark_from(**restored);
    if (!core.restored) co_return fail(errc::corrupt, "the mark of the restored backup can't be read");

    store::Hold hold;
    hold.reason = QueueReason::paused;
    hold.detail = "restored from the backup of " + to_rfc3339(core.restored->at) +
                  ", so what was queued in it may have been submitted since: " + std::string(waits_for_release);
    hold.since = core.ports.clock.wall_now();
    const store::Hold* before = core.holds.find(QueueReason::paused, "");
    if (before == nullptr || before->detail != hold.detail) {
        if (auto set = co_await store.set_hold(hold); !set) co_return set;
        core.holds.set(hold, core.ports.clock.now());
    }
    // The last step: a copy that was cut off before it is taken for a fresh one again.
    if (*copied) {
        if (auto unset = co_await store.set_fact(copied_name, std::nullopt); !unset) co_return unset;
    }
    core.ports.log.warn("creates are held", {{"reason", to_string(hold.reason)}, {"detail", hold.detail}});
    co_return Result<void>{};
}

asio::awaitable<Result<void>> release_restored(Core& core, bool fail_queued) {
    store::JobStore& store = core.ports.store;
    const std::int64_t last_row = core.restored->last_row;  // now: a second request may be done before this one
    for (bool more = fail_queued; more;) {
        const auto failed = co_await store.fail_unsent(last_row, jobs_at_once);
        if (!failed) co_return std::unexpected(failed.error());
        more = failed->size() == jobs_at_once;
    }
    if (auto cleared = co_await store.clear_hold(QueueReason::paused, ""); !cleared) co_return cleared;
    if (auto unset = co_await store.set_fact(std::string(store::restored_fact), std::nullopt); !unset) co_return unset;
    core.holds.clear(QueueReason::paused, "");
    core.restored.reset();
    core.ports.log.info("the restored state was released", {{"queued_failed", fail_queued}});
    co_return Result<void>{};
}

}  // namespace genq::engine
