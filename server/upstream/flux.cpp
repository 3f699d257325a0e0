#include "server/upstream/adapters.hpp"
#include "server/upstream/fields.hpp"
#include "server/upstream/records.hpp"
#include "server/upstream/requests.hpp"
#include "server/upstream/results.hpp"

namespace genq::upstream {
namespace {

/// Flux Kontext: `/api/v1/flux/kontext/*` (flux-kontext-api).
class Flux final : public FamilyAdapter {
  public:
    [[nodiscard]] Family family() const override { return Family::flux; }

    [[nodiscard]] ApiRequest create(const TaskSpec& spec, std::string_view /*endpoint*/) const override {
        auto body = body_of(spec);
        body["model"] = spec.wire_model;
        return post_json("/api/v1/flux/kontext/generate", body);
    }

    [[nodiscard]] ApiRequest query(const TaskSpec& spec, std::string_view /*endpoint*/) const override {
        return get_task("/api/v1/flux/kontext/record-info", spec.task_id);
    }

    [[nodiscard]] TaskReport read(const TaskSpec& /*spec*/, const Envelope& envelope) const override {
        const auto record = object_of(&envelope.data);
        auto report = begin_report(envelope, record, state_of(find(record, "successFlag")));
        // response.resultImageUrl; originImageUrl is the provider's own link, dead after ten minutes.
        if (report.state == TaskState::succeeded) add_outputs_from_anywhere(report.outputs, record, "image");
        conclude(report);
        return report;
    }

    /// `data.info.resultImageUrl`; empty with a failure.
    [[nodiscard]] TaskReport read_callback(const TaskSpec& /*spec*/, const Envelope& envelope) const override {
        auto report = begin_callback(envelope);
        if (report.state != TaskState::succeeded) return report;
        add_outputs_from_anywhere(report.outputs, object_of(&envelope.data), "image");
        conclude(report);
        return report;
    }
};

}  // namespace

const FamilyAdapter& flux_adapter() {
    static const Flux flux;
    return flux;
}

}  // namespace genq::upstream
