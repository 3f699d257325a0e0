// links: genq::upstream
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

#include "server/upstream/outcome.hpp"

/// The first byte picks status and outcome of the exchange, the rest is the body of an answer to a create or a query.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace genq;
    constexpr int statuses[] = {200, 204, 302, 400, 401, 403, 404, 405, 422, 429, 455, 500, 502, 521, 524, 530};
    if (size == 0) return 0;
    const int status = statuses[data[0] & 0xFU];
    const bool last_endpoint = (data[0] & 0x10U) != 0;
    const auto written = (data[0] & 0x20U) != 0 ? http::Written::fully : http::Written::partly;
    std::string body(data + 1, data + size);
    const http::Exchange exchange{http::ClientResponse{status, {}, std::move(body)}, written};

    const auto created = upstream::classify_create(exchange, last_endpoint);
    if ((created.verdict == upstream::CreateVerdict::created) == created.task_id.empty()) std::abort();
    if (created.verdict == upstream::CreateVerdict::unknown && written != http::Written::fully) std::abort();
    const auto queried = upstream::classify_query(exchange, last_endpoint);
    if (queried.verdict == upstream::QueryVerdict::answered && !queried.envelope) std::abort();
    return 0;
}
