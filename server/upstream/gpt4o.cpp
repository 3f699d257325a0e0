#include <algorithm>

#include "server/upstream/adapters.hpp"
#include "server/upstream/fields.hpp"
#include "server/upstream/records.hpp"
#include "server/upstream/requests.hpp"
#include "server/upstream/results.hpp"

namespace genq::upstream {
namespace {

/// The flag decides; the quick start shows `status: GENERATING` beside flag 1. The status serves where there is no
/// flag.
StateWord gpt4o_state(const boost::json::object& record) {
    const auto* flag = find(record, "successFlag");
    return state_of(flag == nullptr ? find(record, "status") : flag);
}

/// 4o Image: `/api/v1/gpt4o-image/*` (4o-image-api).
class Gpt4o final : public FamilyAdapter {
  public:
    [[nodiscard]] Family family() const override { return Family::gpt4o; }

    [[nodiscard]] ApiRequest create(const TaskSpec& spec, std::string_view /*endpoint*/) const override {
        return post_json("/api/v1/gpt4o-image/generate", body_of(spec));
    }

    [[nodiscard]] ApiRequest query(const TaskSpec& spec, std::string_view /*endpoint*/) const override {
        return get_task("/api/v1/gpt4o-image/record-info", spec.task_id);
    }

    [[nodiscard]] TaskReport read(const TaskSpec& /*spec*/, const Envelope& envelope) const override {
        const auto record = object_of(&envelope.data);
        auto report = begin_report(envelope, record, gpt4o_state(record));
        // Text from "0.00" to "1.00", a fraction.
        if (const auto fraction = number_of(find(record, "progress"))) {
            report.progress = std::clamp(*fraction, 0.0, 1.0);
        }
        if (report.state == TaskState::succeeded) add_outputs_from_anywhere(report.outputs, record, "image");
        conclude(report);
        return report;
    }

    /// `data.info.result_urls`; without info a failure.
    [[nodiscard]] TaskReport read_callback(const TaskSpec& /*spec*/, const Envelope& envelope) const override {
        auto report = begin_callback(envelope);
        if (report.state != TaskState::succeeded) return report;
        add_outputs_from_anywhere(report.outputs, object_of(&envelope.data), "image");
        conclude(report);
        return report;
    }
};

}  // namespace

const FamilyAdapter& gpt4o_adapter() {
    static const Gpt4o gpt4o;
    return gpt4o;
}

}  // namespace genq::upstream
