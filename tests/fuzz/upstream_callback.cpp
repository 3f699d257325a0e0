// links: genq::upstream
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "server/upstream/callback.hpp"
#include "server/upstream/family.hpp"

/// The first two bytes pick family and model, the rest is the body of a call to our callBackUrl.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace genq;
    constexpr std::array models{"google/imagen4", "veo3", "veo/4k", "mj_video", "suno/V5", "suno/lyrics"};
    if (size < 2) return 0;
    const auto family = all_families[data[0] % all_families.size()];
    const char* model = models[data[1] % models.size()];
    const std::string_view body(reinterpret_cast<const char*>(data) + 2, size - 2);
    const auto call = upstream::read_callback_body(body);
    if (!call) return 0;

    const boost::json::object input;
    const upstream::TaskSpec spec{model, model, input, "t", ""};
    const auto report = upstream::adapter(family).read_callback(spec, call->envelope);
    const bool has_result = !report.outputs.empty() || report.result;
    if (report.state == upstream::TaskState::succeeded && has_result == report.reread) std::abort();
    (void)upstream::is_signed("key", call->task_id, body, body);
    (void)upstream::may_be_made_by(family, call->envelope, body);
    return 0;
}
