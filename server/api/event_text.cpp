#include "server/api/event_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "common/core/rfc3339.hpp"
#include "common/json/writer.hpp"
#include "server/api/request_context.hpp"

namespace genq::api {

namespace {

constexpr std::string_view event_stream_type = "text/event-stream";

std::string_view without_blanks(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// "type/subtype; q=0.5": its type, and that its weight is not 0.
bool names_events(std::string_view range) {
    const auto type = without_blanks(range.substr(0, range.find(';')));
    if (!http::iequals(type, event_stream_type)) return false;
    while (range.find(';') != std::string_view::npos) {
        range.remove_prefix(range.find(';') + 1);
        const auto parameter = without_blanks(range.substr(0, range.find(';')));
        if (parameter.size() < 3 || !http::iequals(parameter.substr(0, 2), "q=")) continue;
        return parameter.find_first_of("123456789") != std::string_view::npos;
    }
    return true;
}

std::optional<std::int64_t> event_id_from(std::string_view text) {
    std::int64_t id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc{} || end != text.data() + text.size() || id < 0) return std::nullopt;
    return id;
}

}  // namespace

std::string event_text(const JobEvent& event) {
    std::string data;
    json::Writer out(data);
    out.begin_object().field("job_id", event.job.text()).field("status", event.name).field("at", to_rfc3339(event.at));
    out.key("detail").text_or_null(event.detail).end_object();
    return fmt::format("id: {}\nevent: job.{}\ndata: {}\n\n", event.id, event.name, data);
}

std::string comment_text(std::optional<std::int64_t> id) {
    return id ? fmt::format(":\nid: {}\n\n", *id) : ":\n\n";
}

std::string reset_text(std::int64_t id) {
    return fmt::format(
        "id: {}\nevent: reset\ndata: {{\"detail\":\"some events are no more there: look at the jobs anew\"}}\n\n", id);
}

bool accepts_events(const http::Fields& headers) {
    const std::string accept = joined(headers, "Accept");
    std::string_view rest = accept;
    while (!rest.empty()) {
        const auto comma = rest.find(',');
        if (names_events(rest.substr(0, comma))) return true;
        rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    }
    return false;
}

std::optional<std::int64_t> read_last_event_id(const http::Fields& headers, Query& query) {
    const auto parameter = query.one("last_event_id");
    const auto field = headers.find("Last-Event-ID");
    const auto text = field && !field->empty() ? field : parameter;
    if (!text || text->empty()) return std::nullopt;
    const auto id = event_id_from(*text);
    if (!id && text == field) query.faults().push_back({"Last-Event-ID", "is not the id of an event: a whole number"});
    if (!id && text != field) query.fault("last_event_id", "is not the id of an event: a whole number");
    return id;
}

}  // namespace genq::api
