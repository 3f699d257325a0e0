#include "server/upstream/adapters.hpp"
#include "server/upstream/fields.hpp"
#include "server/upstream/records.hpp"
#include "server/upstream/requests.hpp"
#include "server/upstream/results.hpp"

namespace genq::upstream {
namespace {

/// Midjourney: `/api/v1/mj/*` (mj-api, pages of 2025). Four pictures a task are four outputs; one film each element of
/// a video batch.
class Midjourney final : public FamilyAdapter {
  public:
    [[nodiscard]] Family family() const override { return Family::midjourney; }

    [[nodiscard]] ApiRequest create(const TaskSpec& spec, std::string_view /*endpoint*/) const override {
        auto body = body_of(spec);
        body["taskType"] = spec.wire_model;
        return post_json("/api/v1/mj/generate", body);
    }

    [[nodiscard]] ApiRequest query(const TaskSpec& spec, std::string_view /*endpoint*/) const override {
        return get_task("/api/v1/mj/record-info", spec.task_id);
    }

    [[nodiscard]] TaskReport read(const TaskSpec& spec, const Envelope& envelope) const override {
        const auto record = object_of(&envelope.data);
        auto report = begin_report(envelope, record, state_of(find(record, "successFlag")));
        if (report.state == TaskState::succeeded) {
            const bool is_video = spec.wire_model.starts_with("mj_video");
            add_outputs_from_anywhere(report.outputs, record, is_video ? "video" : "image");
        }
        conclude(report);
        return report;
    }

    /// `data.resultUrls`, here texts and not objects.
    [[nodiscard]] TaskReport read_callback(const TaskSpec& spec, const Envelope& envelope) const override {
        auto report = begin_callback(envelope);
        if (report.state != TaskState::succeeded) return report;
        const bool is_video = spec.wire_model.starts_with("mj_video");
        add_outputs_from_anywhere(report.outputs, object_of(&envelope.data), is_video ? "video" : "image");
        conclude(report);
        return report;
    }
};

}  // namespace

const FamilyAdapter& midjourney_adapter() {
    static const Midjourney midjourney;
    return midjourney;
}

}  // namespace genq::upstream
