// The reader of JSON that callers and kie.ai send: no bytes stop it, and what it reads it writes back the same.
// links: genq::json
#include <cstdint>
#include <string_view>

#include "common/core/check.hpp"
#include "common/json/canonical.hpp"
#include "common/json/parse.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto value = genq::json::parse(text);
    if (!value) return 0;
    GENQ_CHECK(genq::json::all_finite(*value));
    const auto canonical = genq::json::canonical(*value);
    const auto again = genq::json::parse(canonical);
    GENQ_CHECK(again.has_value());
    GENQ_CHECK(genq::json::canonical(*again) == canonical);
    return 0;
}
