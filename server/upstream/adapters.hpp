#pragma once
#include "server/upstream/family.hpp"

namespace genq::upstream {

/// One adapter a family, each in the file of its name; they live for the whole program. adapter() picks among them.
[[nodiscard]] const FamilyAdapter& market_adapter();
[[nodiscard]] const FamilyAdapter& gpt4o_adapter();
[[nodiscard]] const FamilyAdapter& flux_adapter();
[[nodiscard]] const FamilyAdapter& veo_adapter();
[[nodiscard]] const FamilyAdapter& runway_adapter();
[[nodiscard]] const FamilyAdapter& aleph_adapter();
[[nodiscard]] const FamilyAdapter& suno_adapter();
[[nodiscard]] const FamilyAdapter& midjourney_adapter();
[[nodiscard]] const FamilyAdapter& luma_adapter();

}  // namespace genq::upstream
