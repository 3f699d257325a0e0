#pragma once
#include <array>
#include <optional>
#include <string_view>

namespace genq {

/// kie.ai's API families: each with its own create and poll endpoints.
enum class Family { market, gpt4o, flux, veo, runway, aleph, suno, midjourney, luma };
inline constexpr std::array all_families{Family::market, Family::gpt4o, Family::flux,       Family::veo, Family::runway,
                                         Family::aleph,  Family::suno,  Family::midjourney, Family::luma};

[[nodiscard]] std::string_view to_string(Family family);
/// nullopt for what is no family.
[[nodiscard]] std::optional<Family> family_from(std::string_view text);

/// Which of the `[poll.*]` rules hold for a job.
enum class PollProfile { image, video, audio, midjourney };
[[nodiscard]] std::string_view to_string(PollProfile profile);
[[nodiscard]] std::optional<PollProfile> poll_profile_from(std::string_view text);

}  // namespace genq
