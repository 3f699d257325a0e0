#include "server/api/accept.hpp"

#include "server/api/job_access.hpp"
#include "server/api/references.hpp"

namespace genq::api {

boost::asio::awaitable<Checked<store::Accepted>> accept_job(Core& core, Context& context, ReadJob read,
                                                            std::optional<store::IdempotencyKey> key) {
    NewJob& job = read.job;
    job.traceparent = context.traceparent;
    job.tracestate = context.tracestate;
    if (auto known = co_await read_references(core, context, job, read.schema.get()); !known) {
        // What it refers to may have been deleted since the same request was accepted: its key still leads to the job.
        if (!key) co_return std::unexpected(known.error());
        auto before = co_await core.services.store.accepted_before(*key);
        if (!before || !*before) co_return std::unexpected(known.error());
        context.is_about(**before);
        co_return store::Accepted{.job = std::move(**before), .replayed = true};
    }
    job.admission = admission_for(core, job.caller, job.model);
    co_await prepare_reuse(core, job);
    if (auto room = co_await core.intake.admit(); !room) co_return std::unexpected(room.error());
    auto accepted = co_await core.services.store.accept(std::move(job), std::move(key));
    if (!accepted || accepted->replayed || accepted->refused || is_terminal(accepted->job.status)) {
        core.intake.give_back();
    }
    if (!accepted) co_return std::unexpected(reported(core, context, accepted.error()));
    if (accepted->refused) co_return std::unexpected(over_budget(*accepted->refused));
    context.is_about(accepted->job);
    if (!accepted->replayed) core.services.engine.wake();
    co_return std::move(*accepted);
}

}  // namespace genq::api
