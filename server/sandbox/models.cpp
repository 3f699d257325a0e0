#include "server/sandbox/models.hpp"

#include <algorithm>
#include <array>

namespace genq::sandbox {
namespace {

using enum MarketKind;

// docs.kie.ai's market pages: ids, kinds, typical times, and of the required fields those without a default.
constexpr std::array models{
    MarketModel{"google/imagen4", image, {5, 10}, 8, "prompt"},
    MarketModel{"google/imagen4-fast", image, {3, 5}, 4, "prompt"},
    MarketModel{"google/imagen4-ultra", image, {10, 20}, 12, "prompt"},
    MarketModel{"google/nano-banana", image, {5, 10}, 4, "prompt"},
    MarketModel{"google/nano-banana-edit", image, {5, 10}, 4, "prompt,image_urls"},
    MarketModel{"nano-banana-pro", image, {5, 10}, 18, "prompt"},
    MarketModel{"nano-banana-2", image, {5, 10}, 8, "prompt"},
    MarketModel{"nano-banana-2-lite", image, {3, 5}, 4, "prompt"},
    MarketModel{"gpt-image/1.5-text-to-image", image, {10, 15}, 8, "prompt"},
    MarketModel{"gpt-image/1.5-image-to-image", image, {10, 15}, 8, "prompt,input_urls"},
    MarketModel{"gpt-image-2-text-to-image", image, {10, 15}, 8, "prompt"},
    MarketModel{"gpt-image-2-image-to-image", image, {10, 15}, 8, "prompt,input_urls"},
    MarketModel{"ideogram/v3-text-to-image", image, {5, 10}, 7, "prompt"},
    MarketModel{"ideogram/character", image, {5, 10}, 12, "prompt,reference_image_urls"},
    MarketModel{"ideogram/v3-reframe", image, {5, 10}, 7, "image_url"},
    MarketModel{"flux-2/pro-text-to-image", image, {5, 10}, 5, "prompt"},
    MarketModel{"flux-2/pro-image-to-image", image, {5, 10}, 5, "prompt,input_urls"},
    MarketModel{"grok-imagine/text-to-image", image, {5, 10}, 4, "prompt"},
    MarketModel{"grok-imagine/upscale", video, {5, 10}, 10, "task_id"},
    MarketModel{"grok-imagine/text-to-video", video, {60, 180}, 20, "prompt"},
    MarketModel{"seedream/4.5-text-to-image", image, {5, 10}, 6, "prompt"},
    MarketModel{"seedream/4.5-edit", image, {5, 10}, 6, "prompt,image_urls"},
    MarketModel{"qwen/text-to-image", image, {5, 10}, 4, "prompt"},
    MarketModel{"qwen/image-edit", image, {5, 10}, 4, "prompt,image_url"},
    MarketModel{"z-image", image, {3, 5}, 1, "prompt"},
    MarketModel{"recraft/remove-background", image, {3, 5}, 1, "image"},
    MarketModel{"recraft/crisp-upscale", image, {5, 15}, 1, "image"},
    MarketModel{"topaz/image-upscale", image, {10, 20}, 10, "image_url"},
    MarketModel{"topaz/video-upscale", video, {120, 300}, 60, "video_url"},
    MarketModel{"kling-3.0/video", video, {60, 180}, 100, "prompt"},
    MarketModel{"kling-2.6/image-to-video", video, {60, 180}, 55, "prompt,image_urls,sound"},
    MarketModel{"kling/ai-avatar-pro", video, {60, 180}, 80, "image_url,audio_url,prompt"},
    MarketModel{"sora-2-text-to-video", video, {120, 300}, 30, "prompt"},
    MarketModel{"sora-2-pro-text-to-video", video, {120, 300}, 150, "prompt,upload_method"},
    MarketModel{"hailuo/02-text-to-video-standard", video, {60, 120}, 30, "prompt"},
    MarketModel{"wan/2-6-image-to-video", video, {60, 180}, 70, "prompt,image_urls"},
    MarketModel{"wan/2-6-video-to-video", video, {120, 300}, 70, "prompt,video_urls"},
    MarketModel{"bytedance/seedance-1.5-pro", video, {60, 120}, 40, "prompt,duration"},
    MarketModel{"bytedance/seedance-2", video, {60, 180}, 60, "prompt"},
    MarketModel{"gemini-omni-video", video, {60, 180}, 60, "prompt"},
    MarketModel{"omnihuman-1-5", video, {60, 180}, 60, ""},
    MarketModel{"elevenlabs/text-to-speech-turbo-2-5", audio, {3, 10}, 6, "text"},
    MarketModel{"elevenlabs/text-to-speech-multilingual-v2", audio, {3, 10}, 12, "text"},
    MarketModel{"elevenlabs/sound-effect-v2", audio, {5, 10}, 1, "text"},
    MarketModel{"elevenlabs/text-to-dialogue-v3", audio, {10, 20}, 14, "dialogue"},
    MarketModel{"elevenlabs/audio-isolation", audio, {5, 10}, 1, "audio_url"},
    MarketModel{"elevenlabs/speech-to-text", transcript, {5, 10}, 4, "audio_url"},
    MarketModel{"veo-3-1", video, {60, 180}, 60, "prompt"},
    MarketModel{"runway", video, {60, 180}, 12, "prompt"},
    MarketModel{"4o-image-api", image, {10, 20}, 6, "prompt"},
    MarketModel{"flux1-kontext", image, {5, 10}, 5, "prompt"},
    MarketModel{"ai-music-api/generate", tracks, {30, 60}, 12, "prompt"},
};

bool holds_any(std::string_view slug, std::initializer_list<std::string_view> words) {
    return std::ranges::any_of(words, [slug](auto word) { return slug.find(word) != std::string_view::npos; });
}

}  // namespace

std::optional<MarketModel> market_model(const std::string& slug) {
    const auto* known = std::ranges::find(models, std::string_view(slug), &MarketModel::slug);
    if (known != models.end()) return *known;
    if (slug.find('/') == std::string::npos) return std::nullopt;
    if (slug.starts_with("ai-music-api/")) return MarketModel{"", tracks, {30, 60}, 12, ""};
    if (holds_any(slug, {"speech-to-text"})) return MarketModel{"", transcript, {5, 10}, 4, ""};
    if (holds_any(slug, {"elevenlabs", "speech", "audio/", "-tts", "sound", "music"})) {
        return MarketModel{"", audio, {5, 10}, 4, ""};
    }
    if (slug.find("to-image") == std::string::npos &&
        holds_any(slug, {"video", "kling", "veo", "sora", "hailuo", "wan/", "seedance", "runway", "pixverse", "minimax",
                         "happyhorse", "infinitalk", "luma"})) {
        return MarketModel{"", video, {60, 180}, 50, ""};
    }
    return MarketModel{"", image, {5, 10}, 5, ""};
}

}  // namespace genq::sandbox
