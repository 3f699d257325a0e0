#include "server/api/handlers.hpp"
#include "server/api/job_access.hpp"

namespace genq::api {

Answer take_callback(Core& core, Context& context) {
    // The same words whether it is the job or the token that is not known.
    const auto unknown = not_found("there is no such callback");
    const auto id = JobId::parse(context.captures[0]);
    if (!id) co_return to_response(unknown);
    context.job = id->text();
    const auto& headers = context.request.headers;
    engine::CallbackCall call{*id, context.captures[1], std::string(headers.get("X-Webhook-Timestamp")),
                              std::string(headers.get("X-Webhook-Signature")), std::move(context.request.body)};
    const auto verdict = co_await core.services.engine.callback(std::move(call));
    if (!verdict) co_return to_response(reported(core, context, verdict.error()));
    // kie.ai sends no traceparent: the line has the job's trace.
    if (const auto job = co_await core.services.store.get(*id)) context.is_about(*job);
    switch (*verdict) {
        case engine::CallbackVerdict::unknown:
            co_return to_response(unknown);
        case engine::CallbackVerdict::forged:
            co_return to_response({.code = ProblemCode::unauthorized, .detail = "the signature does not hold"});
        case engine::CallbackVerdict::taken:
            break;
    }
    co_return json_response(200, R"({"status":"ok"})");
}

}  // namespace genq::api
