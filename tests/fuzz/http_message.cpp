// Any bytes as an HTTP request or answer: read whole, or refused.
// links: genq::http
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/core/check.hpp"
#include "common/http/request_reader.hpp"
#include "common/http/response_reader.hpp"

/// Bytes from the network, in pieces: the readers end, keep their limits and use no more than they are given.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace genq::http;
    if (size == 0) return 0;
    const std::size_t step = data[0] + 1u;
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(data + 1)), size - 1);
    RequestReader request(512, 64);
    std::string waiting;
    for (std::size_t i = 0; i < text.size() && !request.refused() && !request.done(); i += step) {
        waiting += text.substr(i, step);
        while (!request.refused() && !request.done()) {
            const std::size_t used = request.put(waiting);
            GENQ_CHECK(used <= waiting.size());
            if (used == 0) break;
            waiting.erase(0, used);
        }
    }
    if (request.done()) GENQ_CHECK(request.take().body.size() <= 64);
    ResponseReader response(64, false);
    if (const auto used = response.put(text); used) {
        GENQ_CHECK(*used <= text.size());
        GENQ_CHECK(response.take_body().size() <= 64);
        if (!response.done()) static_cast<void>(response.put_end());
    }
    return 0;
}
