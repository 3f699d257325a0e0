#pragma once
#include <string>
#include <string_view>

/// W3C Trace Context (https://www.w3.org/TR/trace-context/): by which a request says to whose trace it belongs. Pure.
namespace genq::http {

/// True for a `traceparent`: `00-<32 hex>-<16 hex>-<2 hex>`, or a later version that begins so.
[[nodiscard]] bool is_traceparent(std::string_view text);

/// What a traceparent says.
struct TraceContext {
    std::string trace_id;  ///< 32 lower-case hex digits
    std::string span_id;   ///< of the caller's span: 16 of them
    bool sampled = false;  ///< the caller's own decision to record the trace
};

/// Reads what is_traceparent() holds of.
[[nodiscard]] TraceContext read_traceparent(std::string_view text);

/// A `tracestate` as it is passed on (§3.3): its members joined by commas, as many from the left as are 32 and fit into
/// 512 characters, since the newest stand there. "" for what is none.
[[nodiscard]] std::string read_tracestate(std::string_view text);

}  // namespace genq::http
