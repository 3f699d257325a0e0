// Any bytes as a request's target: it is routed or refused, and its parameters are read or faulted.
// links: genq::api
#include <cstdint>
#include <string>

#include "common/core/check.hpp"
#include "common/json/utf8.hpp"
#include "server/api/query.hpp"
#include "server/api/request_context.hpp"
#include "server/api/routes.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace genq::api;
    Context context;
    context.request.target.assign(reinterpret_cast<const char*>(data), size);
    if (!read_target(context)) return 0;
    static_cast<void>(match_route("GET", context.segments));
    Query query(std::move(context.parameters));
    static_cast<void>(query.integer("wait", 0, 60));
    static_cast<void>(query.time("created_after"));
    static_cast<void>(query.starting_with("label."));
    query.refuse_others({"wait"}, "label.");
    for (const auto& fault : query.faults()) GENQ_CHECK(genq::json::valid_utf8(fault.pointer));
    return 0;
}
