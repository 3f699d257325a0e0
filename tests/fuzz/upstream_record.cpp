// links: genq::upstream
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

#include "server/upstream/family.hpp"

/// The first two bytes pick family and model, the rest is the body of a record.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace genq;
    constexpr std::array models{"google/imagen4", "veo3",     "veo/extend",  "veo/1080p",
                                "veo/4k",         "mj_video", "suno/lyrics", "runway/aleph"};
    if (size < 2) return 0;
    const auto family = all_families[data[0] % all_families.size()];
    const char* model = models[data[1] % models.size()];
    const auto envelope = upstream::read_envelope(http::ClientResponse{200, {}, std::string(data + 2, data + size)});
    if (!envelope) return 0;

    const boost::json::object input;
    const upstream::TaskSpec spec{model, model, input, "t", ""};
    const auto report = upstream::adapter(family).read(spec, *envelope);
    const bool has_result = !report.outputs.empty() || report.result;
    if (report.state == upstream::TaskState::succeeded && has_result == report.reread) std::abort();
    (void)upstream::adapter(family).read_create(spec, *envelope);
    return 0;
}
