// The configuration file: no text stops the reader, and what it took it takes again from its own rendering.
// links: genq::app
#include <cstdint>
#include <string_view>

#include "common/core/check.hpp"
#include "server/app/config.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto loaded = genq::app::parse_config(text, "fuzz.toml", {});
    if (!loaded) return 0;
    GENQ_CHECK(genq::app::parse_config(genq::app::render_config(*loaded, true), "rendered.toml", {}).has_value());
    return 0;
}
