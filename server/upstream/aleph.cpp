#include "server/upstream/adapters.hpp"
#include "server/upstream/fields.hpp"
#include "server/upstream/records.hpp"
#include "server/upstream/requests.hpp"
#include "server/upstream/results.hpp"

namespace genq::upstream {
namespace {

/// Flag 0 means running or failed; an error beside it tells which. Runway's shape, which older texts give, has a state.
StateWord aleph_state(const boost::json::object& record) {
    const auto* flag = find(record, "successFlag");
    auto state = state_of(flag == nullptr ? find(record, "state") : flag);
    const bool has_error =
        integer_of(find(record, "errorCode")).value_or(0) != 0 || !text_or_empty(find(record, "errorMessage")).empty();
    if (flag != nullptr && state.state == TaskState::pending && has_error) state.state = TaskState::failed;
    return state;
}

/// Runway Aleph: own paths by the pages, `/api/v1/aleph/*` (runway-api), Runway's by older texts.
class Aleph final : public FamilyAdapter {
  public:
    [[nodiscard]] Family family() const override { return Family::aleph; }

    [[nodiscard]] std::vector<std::string> endpoints(std::string_view /*model*/) const override {
        return {std::string(endpoint_docs), std::string(endpoint_seed)};
    }

    [[nodiscard]] ApiRequest create(const TaskSpec& spec, std::string_view endpoint) const override {
        const bool seed = endpoint == endpoint_seed;
        return post_json(seed ? "/api/v1/runway/generate/aleph" : "/api/v1/aleph/generate", body_of(spec));
    }

    [[nodiscard]] ApiRequest query(const TaskSpec& spec, std::string_view endpoint) const override {
        const bool seed = endpoint == endpoint_seed;
        return get_task(seed ? "/api/v1/runway/record-detail" : "/api/v1/aleph/record-info", spec.task_id);
    }

    [[nodiscard]] TaskReport read(const TaskSpec& /*spec*/, const Envelope& envelope) const override {
        const auto record = object_of(&envelope.data);
        const bool runway_shape = find(record, "successFlag") == nullptr;
        auto report = begin_report(envelope, record, aleph_state(record),
                                   runway_shape ? FailureFields{"failCode", "failMsg"} : FailureFields{});
        // response.resultVideoUrl; resultImageUrl is the cover.
        if (report.state == TaskState::succeeded) add_outputs_from_anywhere(report.outputs, record, "video");
        conclude(report);
        return report;
    }

    /// `data.result_video_url` by the page's text, `data.video_url` by its schema.
    [[nodiscard]] TaskReport read_callback(const TaskSpec& /*spec*/, const Envelope& envelope) const override {
        auto report = begin_callback(envelope);
        if (report.state != TaskState::succeeded) return report;
        const auto data = object_of(&envelope.data);
        for (const char* name : {"result_video_url", "video_url"}) {
            add_outputs(report.outputs, find(data, name), "video");
        }
        conclude(report);
        return report;
    }
};

}  // namespace

const FamilyAdapter& aleph_adapter() {
    static const Aleph aleph;
    return aleph;
}

}  // namespace genq::upstream
