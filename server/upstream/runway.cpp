#include "server/upstream/adapters.hpp"
#include "server/upstream/fields.hpp"
#include "server/upstream/records.hpp"
#include "server/upstream/requests.hpp"
#include "server/upstream/results.hpp"

namespace genq::upstream {
namespace {

/// Runway: `/api/v1/runway/*` (runway-api).
class Runway final : public FamilyAdapter {
  public:
    [[nodiscard]] Family family() const override { return Family::runway; }

    [[nodiscard]] ApiRequest create(const TaskSpec& spec, std::string_view /*endpoint*/) const override {
        const bool extends = spec.model == "runway/extend";
        return post_json(extends ? "/api/v1/runway/extend" : "/api/v1/runway/generate", body_of(spec));
    }

    [[nodiscard]] ApiRequest query(const TaskSpec& spec, std::string_view /*endpoint*/) const override {
        return get_task("/api/v1/runway/record-detail", spec.task_id);
    }

    [[nodiscard]] TaskReport read(const TaskSpec& /*spec*/, const Envelope& envelope) const override {
        const auto record = object_of(&envelope.data);
        // The state alone counts: the documented example shows a film and a failCode beside `wait`.
        auto report = begin_report(envelope, record, state_of(find(record, "state")), {"failCode", "failMsg"});
        if (report.state != TaskState::succeeded) return report;
        if (integer_of(find(record, "expireFlag")) == 1) {
            report.state = TaskState::failed;
            report.fail_message = "The task succeeded, but kie.ai has deleted its files (kept for 14 days).";
            return report;
        }
        // videoInfo.imageUrl is the cover.
        add_outputs_from_anywhere(report.outputs, record, "video");
        conclude(report);
        return report;
    }

    /// `data.video_url`; `image_url` is the cover.
    [[nodiscard]] TaskReport read_callback(const TaskSpec& /*spec*/, const Envelope& envelope) const override {
        auto report = begin_callback(envelope);
        if (report.state != TaskState::succeeded) return report;
        add_outputs(report.outputs, find(object_of(&envelope.data), "video_url"), "video");
        conclude(report);
        return report;
    }
};

}  // namespace

const FamilyAdapter& runway_adapter() {
    static const Runway runway;
    return runway;
}

}  // namespace genq::upstream
