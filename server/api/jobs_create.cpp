#include "server/api/accept.hpp"
#include "server/api/dto.hpp"
#include "server/api/handlers.hpp"
#include "server/api/job_access.hpp"
#include "server/api/job_body.hpp"
#include "server/api/request_body.hpp"

namespace genq::api {

namespace asio = boost::asio;

Answer create_job(Core& core, Context& context) {
    auto body = read_body(context.request, Body::required);
    if (!body) co_return to_response(body.error());
    auto key = co_await read_idempotency_key(core, context, "POST /v1/jobs", *body);
    if (!key) co_return to_response(key.error());
    const auto catalogue = core.services.catalogue();
    auto read = read_job(std::move(*body), {.catalogue = *catalogue,
                                            .allow_unknown_models = core.options.allow_unknown_models,
                                            .validation = core.options.validation,
                                            .caller = context.caller.name,
                                            .now = core.services.clock.wall_now(),
                                            .takes_webhooks = core.services.takes_webhooks()});
    if (!read) co_return to_response(read.error());
    auto accepted = co_await accept_job(core, context, std::move(*read), std::move(*key));
    if (!accepted) co_return to_response(accepted.error());

    const auto wait = read_preferred_wait(context.request.headers);
    if (wait) {
        const auto until = core.services.clock.now() + std::chrono::seconds(*wait);
        auto later = co_await wait_for(core, context, accepted->job.id, until,
                                       [](const Job& job_now) { return is_terminal(job_now.status); });
        // Deleted meanwhile: what was accepted is still the answer.
        if (later) accepted->job = std::move(*later);
    }
    const bool is_done = wait && is_terminal(accepted->job.status);
    auto response = job_response(core, accepted->job, accepted->replayed || is_done ? 200 : 202);
    response.headers.add("Location", "/v1/jobs/" + context.job);
    if (wait) response.headers.add("Preference-Applied", "wait=" + std::to_string(*wait));
    if (accepted->replayed) response.headers.add("Idempotency-Replayed", "true");
    co_return response;
}

}  // namespace genq::api
