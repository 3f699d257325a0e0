#include "server/sandbox/limits.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace genq::sandbox {
namespace {

namespace json = boost::json;

constexpr std::string_view imagen = "1:1,16:9,9:16,3:4,4:3,auto";
constexpr std::string_view seedream = "1:1,4:3,3:4,16:9,9:16,2:3,3:2,21:9";
constexpr std::string_view banana = "1:1,9:16,16:9,3:4,4:3,3:2,2:3,5:4,4:5,21:9,auto";
constexpr std::string_view grok = "2:3,3:2,1:1,16:9,9:16";

/// From the tables of docs.kie.ai's pages, Market models first and then the families that have pages of their own;
/// apart from the daemon's catalogue, which is to be tried against it.
struct Limits {
    std::string_view slug;
    std::size_t longest = 5000;    // characters of `prompt`, or of `text`
    std::string_view ratios{};     // of the shape; "" for any
    std::string_view durations{};  // of `duration`, as text; "" for any
    std::string_view ratio_name = "aspect_ratio";
};
constexpr std::array table{
    Limits{"google/imagen4", 5000, imagen},
    Limits{"google/imagen4-fast", 5000, imagen},
    Limits{"google/imagen4-ultra", 5000, imagen},
    Limits{"nano-banana-pro", 10'000, "1:1,2:3,3:2,3:4,4:3,4:5,5:4,9:16,16:9,21:9,auto"},
    Limits{"google/nano-banana", 5000, banana},
    Limits{"google/nano-banana-edit", 5000, banana},
    Limits{"ideogram/v3-text-to-image"},
    Limits{"ideogram/character"},
    Limits{"flux-2/pro-text-to-image", 5000, "1:1,4:3,3:4,16:9,9:16,3:2,2:3"},
    Limits{"flux-2/pro-image-to-image", 5000, "1:1,4:3,3:4,16:9,9:16,3:2,2:3,auto"},
    Limits{"grok-imagine/text-to-image", 5000, grok},
    Limits{"seedream/4.5-text-to-image", 3000, seedream},
    Limits{"seedream/4.5-edit", 3000, seedream},
    Limits{"qwen/text-to-image"},
    Limits{"qwen/image-edit", 2000},
    Limits{"kling-2.6/image-to-video", 1000, "", "5,10"},
    Limits{"kling-3.0/video", 20'000, "16:9,9:16,1:1", "3,4,5,6,7,8,9,10,11,12,13,14,15"},
    Limits{"hailuo/02-text-to-video-standard", 1500, "", "6,10"},
    Limits{"wan/2-6-image-to-video", 5000, "", "5,10,15"},
    Limits{"wan/2-6-video-to-video", 5000, "", "5,10"},
    Limits{"kling/ai-avatar-pro"},
    Limits{"bytedance/seedance-1.5-pro", 20'000, "1:1,4:3,3:4,16:9,9:16,21:9", "4,5,6,7,8,9,10,11,12"},
    Limits{"grok-imagine/text-to-video", 5000, grok},
    Limits{"sora-2-pro-text-to-video", 10'000, "portrait,landscape"},
    Limits{"elevenlabs/text-to-speech-turbo-2-5"},
    Limits{"elevenlabs/sound-effect-v2"},
    Limits{"flux", 5000, "21:9,16:9,4:3,1:1,3:4,9:16,16:21", "", "aspectRatio"},
    Limits{"veo", 5000, "16:9,9:16,Auto,auto"},
    Limits{"runway", 1800, "16:9,4:3,1:1,3:4,9:16", "5,10", "aspectRatio"},
    Limits{"aleph", 5000, "16:9,9:16,4:3,3:4,1:1,21:9", "", "aspectRatio"},
    Limits{"midjourney", 2000, "1:2,9:16,2:3,3:4,5:6,6:5,4:3,3:2,1:1,16:9,2:1", "", "aspectRatio"},
};

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool is_listed(std::string_view names, std::string_view name) {
    while (!names.empty()) {
        const auto comma = std::min(names.find(','), names.size());
        if (names.substr(0, comma) == name) return true;
        names.remove_prefix(std::min(comma + 1, names.size()));
    }
    return false;
}

/// A text or a whole number as text; "" for what is absent.
std::string word_at(const json::object& input, std::string_view name) {
    const auto* value = input.if_contains(name);
    if (value == nullptr) return {};
    if (const auto* text = value->if_string()) return std::string(*text);
    if (const auto* number = value->if_int64()) return std::to_string(*number);
    const auto* real = value->if_double();
    if (real != nullptr && std::trunc(*real) == *real) return std::to_string(static_cast<std::int64_t>(*real));
    return "?";
}

}  // namespace

std::string input_fault(std::string_view slug, const json::object& input) {
    const auto* limits = std::ranges::find(table, slug, &Limits::slug);
    if (limits == table.end()) return {};
    for (const char* name : {"prompt", "text"}) {
        if (characters(word_at(input, name)) > limits->longest) {
            return std::string(name) + " exceeds the maximum length of " + std::to_string(limits->longest);
        }
    }
    for (const auto& [name, allowed] :
         {std::pair{limits->ratio_name, limits->ratios}, {"duration", limits->durations}}) {
        const auto word = word_at(input, name);
        if (!allowed.empty() && !word.empty() && !is_listed(allowed, word)) {
            return std::string(name) + " is not within the range of allowed options";
        }
    }
    return {};
}

}  // namespace genq::sandbox
