#include "server/domain/family.hpp"

#include "common/core/check.hpp"

namespace genq {

std::string_view to_string(Family family) {
    switch (family) {
        case Family::market:
            return "market";
        case Family::gpt4o:
            return "gpt4o";
        case Family::flux:
            return "flux";
        case Family::veo:
            return "veo";
        case Family::runway:
            return "runway";
        case Family::aleph:
            return "aleph";
        case Family::suno:
            return "suno";
        case Family::midjourney:
            return "midjourney";
        case Family::luma:
            return "luma";
    }
    check_failed("a Family has a name");
}

std::optional<Family> family_from(std::string_view text) {
    for (const auto family : all_families) {
        if (to_string(family) == text) return family;
    }
    return std::nullopt;
}

std::string_view to_string(PollProfile profile) {
    switch (profile) {
        case PollProfile::image:
            return "image";
        case PollProfile::video:
            return "video";
        case PollProfile::audio:
            return "audio";
        case PollProfile::midjourney:
            return "midjourney";
    }
    check_failed("a PollProfile has a name");
}

std::optional<PollProfile> poll_profile_from(std::string_view text) {
    for (const auto profile : {PollProfile::image, PollProfile::video, PollProfile::audio, PollProfile::midjourney}) {
        if (to_string(profile) == text) return profile;
    }
    return std::nullopt;
}

}  // namespace genq
