// Any bytes as a cursor: what is taken is exactly what was given out.
// links: genq::api
#include <cstdint>
#include <string_view>

#include "common/core/check.hpp"
#include "server/api/cursor.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto row = genq::api::from_cursor(text)) GENQ_CHECK(genq::api::to_cursor(*row) == text);
    return 0;
}
