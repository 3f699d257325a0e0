#include "server/api/handlers.hpp"
#include "server/api/job_access.hpp"
#include "server/api/job_body.hpp"
#include "server/api/request_body.hpp"

namespace genq::api {

Answer cancel_job(Core& core, Context& context) {
    const auto body = read_body(context.request, Body::optional);
    if (!body) co_return to_response(body.error());
    std::vector<json::Fault> faults;
    json::ObjectReader(*body, "", faults).refuse_others({});
    if (!faults.empty()) co_return to_response(invalid(std::move(faults)));
    const auto found = co_await find_job_to_change(core, context);
    if (!found) co_return to_response(found.error());
    const auto job = co_await core.services.store.cancel(found->id);
    if (!job) co_return to_response(reported(core, context, job.error()));
    core.services.engine.job_changed(job->id);
    co_return job_response(core, *job, 200);
}

Answer retry_job(Core& core, Context& context) {
    const auto body = read_body(context.request, Body::optional);
    if (!body) co_return to_response(body.error());
    const WallTime now = core.services.clock.wall_now();
    std::vector<json::Fault> faults;
    json::ObjectReader reader(*body, "", faults);
    reader.refuse_others({"resubmit", "deadline_s"});
    store::RetryOptions options{.resubmit = reader.flag("resubmit").value_or(false),
                                .deadline_at = read_deadline(*body, now, faults),
                                .next_poll_at = now};
    if (!faults.empty()) co_return to_response(invalid(std::move(faults)));
    const auto found = co_await find_job_to_change(core, context);
    // The key is good for this one job: for another it is another request.
    auto key = co_await read_idempotency_key(core, context, "POST /v1/jobs/" + context.job + "/retry", *body);
    if (!key) co_return to_response(key.error());
    if (!found) {
        // What was answered before is a conflict when its job was deleted since, as for the keys of jobs.
        if (found.error().code == ProblemCode::not_found && *key) {
            const auto before = co_await core.services.store.accepted_before(std::move(**key));
            if (!before) co_return to_response(reported(core, context, before.error()));
        }
        co_return to_response(found.error());
    }
    options.admission = admission_for(core, found->caller, found->model);
    const auto retried = co_await core.services.store.retry(found->id, options, std::move(*key));
    if (!retried) co_return to_response(reported(core, context, retried.error()));
    if (retried->refused) co_return to_response(over_budget(*retried->refused));
    if (!retried->replayed) {
        core.services.engine.job_changed(retried->job.id);
        core.services.engine.wake();
    }
    auto response = job_response(core, retried->job, 200);
    if (retried->replayed) response.headers.add("Idempotency-Replayed", "true");
    co_return response;
}

Answer delete_job(Core& core, Context& context) {
    const auto found = co_await find_job_to_change(core, context);
    if (!found) co_return to_response(found.error());
    // The bytes stay until they are collected as nobody's (DESIGN.md, "Retention").
    const auto unlisted = co_await core.services.store.erase(found->id);
    if (!unlisted) co_return to_response(reported(core, context, unlisted.error()));
    core.services.engine.job_changed(found->id);
    co_return http::Response{.status = 204, .headers = {}, .body = {}};
}

}  // namespace genq::api
