// Any first bytes of a file: a media type comes out, and an extension for it.
// links: genq::http
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/core/check.hpp"
#include "common/http/media_type.hpp"

/// Every file has a type with a name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace genq::http;
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(data)), size);
    for (const bool complete : {false, true}) {
        const std::string_view type = sniff_media_type(text, complete);
        GENQ_CHECK(!type.empty() && type != "text/html" && type != "image/svg+xml");
    }
    GENQ_CHECK(!extension_for(text).empty());
    return 0;
}
