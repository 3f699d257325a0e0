#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/http/transport.hpp"
#include "server/tracing/span.hpp"

/// OTLP/HTTP in its JSON encoding (opentelemetry.io/docs/specs/otlp). Pure.
namespace genq::tracing {

/// Who exports.
struct Resource {
    std::string service;
    std::string version;
    std::string instance;  ///< of this process alone
};

/// The body of a request to <collector>/v1/traces with all spans of these traces.
[[nodiscard]] std::string encode(std::span<const Spans> traces, const Resource& resource);

/// What a try at an export means.
struct Verdict {
    enum class Kind : std::uint8_t { taken, again, refused };
    Kind kind{};
    std::optional<std::chrono::seconds> retry_after{};  ///< with `again`: no sooner
    std::int64_t rejected = 0;                          ///< with `taken`: so many spans were not, and never will be
};

/// 2xx takes it; 429, 502, 503 and 504, and no answer, are to be tried again; anything else never ("Failures").
[[nodiscard]] Verdict judge(const http::Exchange& exchange);

}  // namespace genq::tracing
