#include "server/engine/reviver.hpp"

namespace genq::engine {

boost::asio::awaitable<void> Reviver::revive(Job job, upstream::TaskReport report) {
    store::Generated generated;
    generated.id = job.id;
    generated.upstream_state = report.word;
    generated.outputs = std::move(report.outputs);
    generated.result = std::move(report.result);
    generated.credits = report.credits;
    generated.polled = false;
    const auto stored = co_await core_.persist<void>(
        "revival", job.id, [this, &generated] { return core_.ports.store.record_revived(generated); });
    if (!stored) co_return;
    core_.metrics.revived.Increment();
    core_.lingering.erase(job.id.row());
    if (report.credits) core_.metrics.credits_used.Increment(*report.credits);
    core_.ports.log.info("job revived: its task succeeded after all", {{"job", job.id.text()}});
    if (!generated.outputs.empty()) {
        generated_(job.id);
    } else {
        core_.metrics.job_finished(job, "succeeded");
        core_.recent_finishes.push_back(core_.ports.clock.now());
    }
}

}  // namespace genq::engine
