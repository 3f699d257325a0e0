#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/core/clock.hpp"

namespace genq::tracing {

/// OTLP's numbers for what a span is to others (trace.proto, SpanKind).
enum class SpanKind : std::uint8_t {
    internal = 1,
    client = 3,    ///< it waits for another service
    consumer = 5,  ///< it does what another service has put into a queue
};

using AttributeValue = std::variant<std::string, std::int64_t, double>;
using Attributes = std::vector<std::pair<std::string, AttributeValue>>;

/// Another span that one has to do with.
struct Link {
    std::string trace_id;
    std::string span_id;
    Attributes attributes{};
};

/// One span as OpenTelemetry has it.
struct Span {
    std::string trace_id;     ///< 32 lower-case hex digits
    std::string span_id;      ///< 16 of them
    std::string parent_id{};  ///< likewise; "" for none
    bool remote_parent = false;
    std::string trace_state{};
    std::string name;
    SpanKind kind = SpanKind::internal;
    WallTime start{};
    WallTime end{};
    Attributes attributes{};
    std::vector<Link> links{};
    bool failed = false;
    std::string error{};  ///< a word for why; "" if there is none
};

/// The spans of one trace, the root first. Empty: there is nothing to export.
using Spans = std::vector<Span>;

}  // namespace genq::tracing
