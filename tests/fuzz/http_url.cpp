// Any text as a URL or a request's target: read or refused, never a path outside.
// links: genq::http
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/core/check.hpp"
#include "common/http/url.hpp"

/// What is parsed has the promised form, and encoding is undone by decoding.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace genq::http;
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(data)), size);
    if (const auto url = parse_url(text)) {
        GENQ_CHECK(!url->host.empty() && url->port != 0 && url->target.starts_with('/'));
        GENQ_CHECK(url->target.find_first_of(" \r\n") == std::string::npos);
        static_cast<void>(resolve_reference("http://a/b?c", text));
    }
    if (const auto target = split_target(text)) {
        for (const auto& segment : target->segments) GENQ_CHECK(segment != "." && segment != "..");
    }
    if (!text.contains('\0')) GENQ_CHECK(percent_decode(percent_encode(text)).value() == text);
    return 0;
}
