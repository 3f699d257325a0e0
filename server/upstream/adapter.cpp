#include "common/core/check.hpp"
#include "server/upstream/adapters.hpp"

namespace genq::upstream {

std::vector<std::string> FamilyAdapter::endpoints(std::string_view /*model*/) const {
    return {""};
}

std::optional<CreateOutcome> FamilyAdapter::read_create(const TaskSpec& /*spec*/, const Envelope& /*envelope*/) const {
    return std::nullopt;
}

bool FamilyAdapter::calls_back(std::string_view /*model*/) const {
    return true;
}

bool FamilyAdapter::repeatable(std::string_view /*model*/) const {
    return false;
}

const FamilyAdapter& adapter(Family family) {
    switch (family) {
        case Family::market:
            return market_adapter();
        case Family::gpt4o:
            return gpt4o_adapter();
        case Family::flux:
            return flux_adapter();
        case Family::veo:
            return veo_adapter();
        case Family::runway:
            return runway_adapter();
        case Family::aleph:
            return aleph_adapter();
        case Family::suno:
            return suno_adapter();
        case Family::midjourney:
            return midjourney_adapter();
        case Family::luma:
            return luma_adapter();
    }
    check_failed("a Family has an adapter");
}

}  // namespace genq::upstream
