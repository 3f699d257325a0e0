#include "server/api/webhook.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "common/core/rfc3339.hpp"
#include "common/http/url.hpp"

namespace genq::api {

namespace {

constexpr std::size_t max_url_bytes = 2048;
constexpr std::array<std::string_view, 8> all_events{"queued",    "submitting", "generating", "downloading",
                                                     "succeeded", "failed",     "canceled",   "revived"};

std::vector<std::string> read_events(const boost::json::object& webhook, std::vector<json::Fault>& faults) {
    const auto* value = webhook.if_contains("events");
    if (value == nullptr) return {"succeeded", "failed", "canceled"};
    std::vector<std::string> events;
    const auto* list = value->if_array();
    if (list == nullptr || list->empty()) {
        faults.push_back({"/webhook/events", "must be a list of at least one event"});
        return events;
    }
    for (std::size_t i = 0; i < list->size(); ++i) {
        const auto* text = (*list)[i].if_string();
        if (text == nullptr || std::ranges::find(all_events, std::string_view(*text)) == all_events.end()) {
            faults.push_back({fmt::format("/webhook/events/{}", i),
                              "must be one of queued, submitting, generating, downloading, succeeded, failed, "
                              "canceled, revived"});
        } else if (std::ranges::find(events, std::string_view(*text)) == events.end()) {
            events.emplace_back(*text);
        }
    }
    return events;
}

}  // namespace

std::optional<Webhook> read_webhook(json::ObjectReader& reader, bool taken, std::vector<json::Fault>& faults) {
    const auto* given = reader.find("webhook");
    if (given == nullptr || given->is_null()) return std::nullopt;
    const auto* object = reader.object("webhook");
    if (object == nullptr) return std::nullopt;
    if (!taken) {
        reader.fault("webhook", "is not taken: this daemon has no webhooks.secrets to sign with");
        return std::nullopt;
    }
    json::ObjectReader members(*object, "/webhook", faults);
    members.refuse_others({"url", "events"});
    Webhook webhook;
    webhook.events = read_events(*object, faults);
    if (!members.require("url")) return std::nullopt;
    const auto text = members.text("url", max_url_bytes);
    if (!text) return std::nullopt;
    const auto url = http::parse_url(*text);
    if (!url) {
        members.fault("url", "must be an http:// or https:// URL without user information");
        return std::nullopt;
    }
    webhook.url = *text;
    webhook.receiver = url->authority() + url->target.substr(0, url->target.find('?'));
    return webhook;
}

std::string event_body(std::string_view event, const JobView& view) {
    std::string body;
    json::Writer out(body);
    out.begin_object().field("type", "job." + std::string(event)).field("timestamp", to_rfc3339(view.now));
    out.key("data");
    write_job(out, view);
    out.end_object();
    return body;
}

}  // namespace genq::api
