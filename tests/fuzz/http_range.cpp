// Any Range, Content-Range and conditional headers: what is taken lies within the file.
// links: genq::http
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/core/check.hpp"
#include "common/http/conditional.hpp"
#include "common/http/download.hpp"
#include "common/http/range.hpp"

/// A part always lies within the representation, whatever the header says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace genq::http;
    if (size == 0) return 0;
    const std::uint64_t length = data[0] * 37u;
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(data + 1)), size - 1);
    const Range range = parse_range(text, length);
    if (range.kind == Range::Kind::part) GENQ_CHECK(range.first <= range.last && range.last < length);
    if (const auto content = parse_content_range(text)) GENQ_CHECK(content->first <= content->last);
    static_cast<void>(none_match_names(text, "\"a\""));
    static_cast<void>(if_range_holds(text, "\"a\""));
    return 0;
}
