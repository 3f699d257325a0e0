#include "server/upstream/adapters.hpp"
#include "server/upstream/fields.hpp"
#include "server/upstream/records.hpp"
#include "server/upstream/requests.hpp"
#include "server/upstream/results.hpp"

namespace genq::upstream {
namespace {

/// Luma modify: `/api/v1/modify/*` (luma-api, pages of 2025).
class Luma final : public FamilyAdapter {
  public:
    [[nodiscard]] Family family() const override { return Family::luma; }

    [[nodiscard]] ApiRequest create(const TaskSpec& spec, std::string_view /*endpoint*/) const override {
        return post_json("/api/v1/modify/generate", body_of(spec));
    }

    [[nodiscard]] ApiRequest query(const TaskSpec& spec, std::string_view /*endpoint*/) const override {
        return get_task("/api/v1/modify/record-info", spec.task_id);
    }

    [[nodiscard]] TaskReport read(const TaskSpec& /*spec*/, const Envelope& envelope) const override {
        const auto record = object_of(&envelope.data);
        constexpr bool four_is_done = true;  // only the callback could not be delivered
        auto report = begin_report(envelope, record, state_of(find(record, "successFlag"), four_is_done));
        if (report.state == TaskState::succeeded) add_outputs_from_anywhere(report.outputs, record, "video");
        conclude(report);
        return report;
    }

    /// `data.resultUrls`.
    [[nodiscard]] TaskReport read_callback(const TaskSpec& /*spec*/, const Envelope& envelope) const override {
        auto report = begin_callback(envelope);
        if (report.state != TaskState::succeeded) return report;
        add_outputs_from_anywhere(report.outputs, object_of(&envelope.data), "video");
        conclude(report);
        return report;
    }
};

}  // namespace

const FamilyAdapter& luma_adapter() {
    static const Luma luma;
    return luma;
}

}  // namespace genq::upstream
