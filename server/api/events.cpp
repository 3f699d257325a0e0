#include <boost/asio/this_coro.hpp>

#include "common/json/writer.hpp"
#include "server/api/dto.hpp"
#include "server/api/event_text.hpp"
#include "server/api/handlers.hpp"
#include "server/api/job_access.hpp"
#include "server/api/job_filter.hpp"

namespace genq::api {

namespace asio = boost::asio;

namespace {

/// Opens the stream; its errors are the answer.
Answer stream(Core& core, Context& context, WantedEvents wanted, std::optional<std::int64_t> after) {
    auto& services = core.services;
    if (services.events.readers() >= core.options.max_streams) {
        co_return to_response({.code = ProblemCode::overloaded,
                               .detail = "too many streams of events are open; http.max_connections bounds them",
                               .headers = {{"Retry-After", "5"}}});
    }
    auto reader = services.events.open(std::move(wanted), co_await asio::this_coro::executor);
    const auto begun = co_await reader->begin(after);
    if (!begun) co_return to_response(reported(core, context, begun.error()));
    http::Response response{
        .status = 200,
        .headers = {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}},
        .body = std::make_unique<EventStream>(std::move(reader), *begun,
                                              StreamNote{context.request_id, context.caller.name, context.job},
                                              core.stream_metrics, services.clock, services.log)};
    co_return response;
}

Answer history(Core& core, Context& context, JobId id) {
    const auto events = co_await core.services.store.events(id);
    if (!events) co_return to_response(reported(core, context, events.error()));
    std::string body;
    json::Writer out(body);
    out.begin_object().key("events").begin_array();
    for (const auto& event : *events) write_event(out, event);
    out.end_array().end_object();
    co_return json_response(200, std::move(body));
}

/// Who has seen all of a job that has ended is told not to come back: 204 ends an EventSource's tries (WHATWG HTML
/// §9.2.3). It would open the same empty stream every few seconds.
asio::awaitable<bool> has_seen_all(Core& core, const Job& job, std::optional<std::int64_t> after) {
    if (!after || !is_terminal(job.status)) co_return false;
    const auto page = co_await core.services.store.events_after(*after, job.id, 1);
    co_return page && page->events.empty() && *after <= page->newest;
}

}  // namespace

Answer job_events(Core& core, Context& context) {
    const bool live = accepts_events(context.request.headers);
    Query query(std::move(context.parameters));
    query.refuse_others({"last_event_id"});
    const auto after = read_last_event_id(context.request.headers, query);
    if (!query.faults().empty()) co_return to_response(invalid(std::move(query.faults())));
    const auto job = co_await find_job(core, context);
    if (!job) co_return to_response(job.error());
    http::Response response;
    if (!live) {
        response = co_await history(core, context, job->id);
    } else if (co_await has_seen_all(core, *job, after)) {
        response = {.status = 204, .headers = {}, .body = {}};
    } else {
        response = co_await stream(core, context, {.job = job->id}, after);
    }
    response.headers.add("Vary", "Accept");
    co_return response;
}

Answer all_events(Core& core, Context& context) {
    Query query(std::move(context.parameters));
    query.refuse_others({"status", "model", "family", "kind", "batch_id", "caller", "last_event_id"}, "label.");
    auto wanted = read_filter(query, context.caller, *core.services.catalogue());
    const auto after = read_last_event_id(context.request.headers, query);
    if (!query.faults().empty()) co_return to_response(invalid(std::move(query.faults())));
    co_return co_await stream(core, context, {.filter = std::move(wanted.filter), .nothing = wanted.nothing}, after);
}

}  // namespace genq::api
