#include "server/tracing/otlp.hpp"

#include <array>
#include <boost/json/value.hpp>
#include <charconv>

#include "common/core/rfc3339.hpp"
#include "common/json/parse.hpp"
#include "common/json/writer.hpp"

namespace genq::tracing {

namespace {

// trace.proto, SpanFlags: the sampled flag of W3C, and whether the parent is another process's, which is known.
constexpr int flag_sampled = 0x1;
constexpr int flag_remote_known = 0x100;
constexpr int flag_remote = 0x200;
constexpr int status_error = 2;

// 64-bit numbers are texts in the JSON of Protocol Buffers.
std::string nanos(WallTime at) {
    return std::to_string(to_ms(at)) + "000000";
}

void write_attribute(json::Writer& out, std::string_view key, const AttributeValue& value) {
    out.begin_object().field("key", key).key("value").begin_object();
    if (const auto* text = std::get_if<std::string>(&value)) out.field("stringValue", std::string_view(*text));
    if (const auto* whole = std::get_if<std::int64_t>(&value)) out.field("intValue", std::to_string(*whole));
    if (const auto* real = std::get_if<double>(&value)) out.field("doubleValue", *real);
    out.end_object().end_object();
}

void write_attributes(json::Writer& out, const Attributes& attributes) {
    if (attributes.empty()) return;
    out.key("attributes").begin_array();
    for (const auto& [key, value] : attributes) write_attribute(out, key, value);
    out.end_array();
}

void write_span(json::Writer& out, const Span& span) {
    out.begin_object().field("traceId", span.trace_id).field("spanId", span.span_id);
    if (!span.trace_state.empty()) out.field("traceState", span.trace_state);
    if (!span.parent_id.empty()) out.field("parentSpanId", span.parent_id);
    out.field("flags", flag_sampled | flag_remote_known | (span.remote_parent ? flag_remote : 0))
        .field("name", span.name)
        .field("kind", static_cast<int>(span.kind))
        .field("startTimeUnixNano", nanos(span.start))
        .field("endTimeUnixNano", nanos(span.end));
    write_attributes(out, span.attributes);
    if (!span.links.empty()) {
        out.key("links").begin_array();
        for (const Link& link : span.links) {
            out.begin_object().field("traceId", link.trace_id).field("spanId", link.span_id);
            write_attributes(out, link.attributes);
            out.end_object();
        }
        out.end_array();
    }
    if (span.failed) {
        out.key("status").begin_object();
        if (!span.error.empty()) out.field("message", span.error);
        out.field("code", status_error).end_object();
    }
    out.end_object();
}

/// `partialSuccess.rejectedSpans` of an answer; 0 for none, and for an answer that can't be read.
std::int64_t rejected_spans(std::string_view body) {
    const auto answer = json::parse(body);
    const auto* whole = answer ? answer->if_object() : nullptr;
    const auto* partial = whole == nullptr ? nullptr : whole->if_contains("partialSuccess");
    const auto* object = partial == nullptr ? nullptr : partial->if_object();
    const auto* rejected = object == nullptr ? nullptr : object->if_contains("rejectedSpans");
    if (rejected == nullptr) return 0;
    if (const auto* number = rejected->if_int64()) return *number;
    const auto* text = rejected->if_string();
    std::int64_t count = 0;
    if (text != nullptr) std::from_chars(text->data(), text->data() + text->size(), count);
    return count;
}

}  // namespace

std::string encode(std::span<const Spans> traces, const Resource& resource) {
    std::string body;
    json::Writer out(body);
    out.begin_object().key("resourceSpans").begin_array().begin_object();
    out.key("resource").begin_object().key("attributes").begin_array();
    write_attribute(out, "service.name", resource.service);
    write_attribute(out, "service.version", resource.version);
    write_attribute(out, "service.instance.id", resource.instance);
    write_attribute(out, "telemetry.sdk.name", "genqd");
    write_attribute(out, "telemetry.sdk.language", "cpp");
    write_attribute(out, "telemetry.sdk.version", resource.version);
    out.end_array().end_object();
    out.key("scopeSpans").begin_array().begin_object();
    out.key("scope").begin_object().field("name", "genqd").field("version", resource.version).end_object();
    out.key("spans").begin_array();
    for (const auto& spans : traces) {
        for (const auto& span : spans) write_span(out, span);
    }
    out.end_array().end_object().end_array().end_object().end_array().end_object();
    return body;
}

Verdict judge(const http::Exchange& exchange) {
    if (!exchange.answer) return {.kind = Verdict::Kind::again};
    const auto& answer = *exchange.answer;
    if (answer.status >= 200 && answer.status < 300) {
        return {.kind = Verdict::Kind::taken, .rejected = rejected_spans(answer.body)};
    }
    static constexpr std::array passing{429, 502, 503, 504};
    for (const int status : passing) {
        if (answer.status == status) {
            return {.kind = Verdict::Kind::again, .retry_after = http::retry_after(answer.headers)};
        }
    }
    return {.kind = Verdict::Kind::refused};
}

}  // namespace genq::tracing
