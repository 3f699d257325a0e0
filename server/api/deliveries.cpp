#include <charconv>

#include "common/core/rfc3339.hpp"
#include "common/json/writer.hpp"
#include "server/api/handlers.hpp"
#include "server/api/job_access.hpp"
#include "server/api/request_body.hpp"

namespace genq::api {

namespace {

std::optional<int> delivery_number(std::string_view text) {
    int n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (error != std::errc() || end != text.data() + text.size() || n < 1) return std::nullopt;
    return n;
}

void write_delivery(json::Writer& out, const store::Delivery& delivery) {
    out.begin_object().field("id", delivery.n).field("event", "job." + delivery.event);
    out.field("webhook_id", delivery.webhook_id).field("state", to_string(delivery.state));
    out.key("attempts").begin_array();
    for (const auto& one : delivery.tries) {
        out.begin_object().field("at", to_rfc3339(one.at)).field("status", one.status);
        out.key("error").text_or_null(one.error).field("duration_ms", one.duration.count()).end_object();
    }
    out.end_array();
    out.field("next_attempt_at", delivery.next_at ? std::optional(to_rfc3339(*delivery.next_at)) : std::nullopt);
    out.end_object();
}

}  // namespace

Answer list_deliveries(Core& core, Context& context) {
    const auto job = co_await find_job(core, context);
    if (!job) co_return to_response(job.error());
    const auto deliveries = co_await core.services.store.deliveries(job->id);
    if (!deliveries) co_return to_response(reported(core, context, deliveries.error()));
    std::string body;
    json::Writer out(body);
    out.begin_object().key("deliveries").begin_array();
    for (const auto& delivery : *deliveries) write_delivery(out, delivery);
    out.end_array().end_object();
    co_return json_response(200, std::move(body));
}

Answer redeliver(Core& core, Context& context) {
    const auto body = read_body(context.request, Body::optional);
    if (!body) co_return to_response(body.error());
    std::vector<json::Fault> faults;
    json::ObjectReader(*body, "", faults).refuse_others({});
    if (!faults.empty()) co_return to_response(invalid(std::move(faults)));
    const auto job = co_await find_job_to_change(core, context);
    if (!job) co_return to_response(job.error());
    const auto n = delivery_number(context.captures[1]);
    if (!n) co_return to_response(not_found("there is no such delivery"));
    const auto done = co_await core.services.store.redeliver(job->id, *n);
    if (!done && done.error().code == errc::not_found) co_return to_response(not_found(done.error().detail));
    if (!done) co_return to_response(reported(core, context, done.error()));
    const auto deliveries = co_await core.services.store.deliveries(job->id);
    if (!deliveries) co_return to_response(reported(core, context, deliveries.error()));
    std::string text;
    json::Writer out(text);
    for (const auto& delivery : *deliveries) {
        if (delivery.n == *n) write_delivery(out, delivery);
    }
    co_return json_response(202, std::move(text));
}

}  // namespace genq::api
