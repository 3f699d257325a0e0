#include "server/engine/reviver.hpp"

namespace genq::engine {

boost::asio::awaitable<void> Reviver::revive(Job job, upstream::TaskReport report) {
    store::Generated generated = Core::generated(job.id, std::move(report));
    generated.polled = false;
    const auto stored = co_await core_.persist<void>(
        "revival", about(job), [this, &generated] { return core_.ports.store.record_revived(generated); });
    if (!stored) co_return;
    core_.metrics.revived.Increment();
    core_.lingering.erase(job.id.row());
    if (generated.credits) core_.metrics.credits_used.Increment(*generated.credits);
    core_.ports.log.info("job revived: its task succeeded after all", about(job));
    if (!generated.outputs.empty()) {
        generated_(job.id);
    } else {
        core_.job_ended();
    }
}

}  // namespace genq::engine
