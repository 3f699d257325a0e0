#include "server/api/request_context.hpp"

#include <algorithm>

#include "common/http/trace_context.hpp"
#include "common/http/url.hpp"

namespace genq::api {

namespace {

// "http://name:port/path" is another way to say the host (RFC 9112 §3.2.2): it wins over the Host field.
std::string_view authority_in_target(std::string_view target) {
    const auto scheme = target.find("://");
    if (target.starts_with('/') || scheme == std::string_view::npos) return {};
    target.remove_prefix(scheme + 3);
    return target.substr(0, target.find_first_of("/?#"));
}

}  // namespace

Context make_context(http::Request request, Random& random) {
    Context context;
    context.request = std::move(request);
    context.is_head = context.request.method == "HEAD";
    const auto& headers = context.request.headers;
    const auto id = headers.get("X-Request-Id");
    context.request_id = is_sane_request_id(id) ? std::string(id) : random.hex(10);
    if (const auto trace = headers.get("traceparent"); http::is_traceparent(trace)) {
        context.traceparent = trace;
        context.tracestate = http::read_tracestate(joined(headers, "tracestate"));
    }
    const auto authority = authority_in_target(context.request.target);
    context.host = authority.empty() ? headers.get("Host") : authority;
    return context;
}

Checked<void> read_target(Context& context) {
    auto target = http::split_target(context.request.target);
    if (!target) return refuse(ProblemCode::invalid_json, "the request target can't be read: " + target.error().detail);
    context.segments = std::move(target->segments);
    context.parameters = std::move(target->query);
    return {};
}

bool is_sane_request_id(std::string_view text) {
    return !text.empty() && text.size() <= 128 && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' ||
               c == '-';
    });
}

std::string joined(const http::Fields& fields, std::string_view name) {
    std::string all;
    for (const auto& [key, value] : fields) {
        if (!http::iequals(key, name)) continue;
        if (!all.empty()) all += ", ";
        all += value;
    }
    return all;
}

}  // namespace genq::api
