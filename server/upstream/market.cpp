#include <algorithm>

#include "server/upstream/adapters.hpp"
#include "server/upstream/fields.hpp"
#include "server/upstream/records.hpp"
#include "server/upstream/requests.hpp"
#include "server/upstream/results.hpp"

namespace genq::upstream {
namespace {

namespace json = boost::json;

/// What `resultJson` holds: JSON text, or for some clients the value itself.
void read_result(TaskReport& report, const json::value* result_json) {
    const json::value inner = unwrapped(result_json);
    if (!inner.is_object()) {
        add_outputs(report.outputs, &inner, by_name);
        return;
    }
    const auto& result = inner.get_object();
    for (const char* name : {"resultUrls", "result_urls", "url", "resultUrl", "resultImageUrl", "resultVideoUrl"}) {
        add_outputs(report.outputs, find(result, name), by_name);
    }
    add_outputs(report.outputs, find(result, "firstFrameUrl"), "first_frame");
    add_outputs(report.outputs, find(result, "lastFrameUrl"), "last_frame");
    report.result = add_tracks(report.outputs, find(result, "data"));  // Suno through the unified endpoint

    const auto answer = object_of(find(result, "resultObject"));
    if (!answer.empty()) {
        add_outputs(report.outputs, find(answer, "resultUrls"), by_name);
        add_outputs(report.outputs, find(answer, "mask_urls"), "mask");
        report.result = answer_in(answer);
    }
    // Only beside files: a seed alone is no result.
    if (!report.result && !report.outputs.empty()) report.result = generation_in(result);
}

/// The unified endpoint for most models: `/api/v1/jobs/*` (market/common/get-task-detail).
class Market final : public FamilyAdapter {
  public:
    [[nodiscard]] Family family() const override { return Family::market; }

    [[nodiscard]] ApiRequest create(const TaskSpec& spec, std::string_view /*endpoint*/) const override {
        json::object body;
        body["model"] = spec.wire_model;
        body["input"] = spec.input;
        if (!spec.callback_url.empty()) body["callBackUrl"] = spec.callback_url;
        return post_json("/api/v1/jobs/createTask", body);
    }

    [[nodiscard]] ApiRequest query(const TaskSpec& spec, std::string_view /*endpoint*/) const override {
        return get_task("/api/v1/jobs/recordInfo", spec.task_id);
    }

    [[nodiscard]] TaskReport read(const TaskSpec& /*spec*/, const Envelope& envelope) const override {
        const auto record = object_of(&envelope.data);
        auto report = begin_report(envelope, record, state_of(find(record, "state")), {"failCode", "failMsg"});
        if (const auto percent = number_of(find(record, "progress"))) {
            report.progress = std::clamp(*percent / 100, 0.0, 1.0);
        }
        if (report.state == TaskState::succeeded) {
            read_result(report, find(record, "resultJson"));
            if (report.outputs.empty()) add_outputs_from_anywhere(report.outputs, record, by_name);
        }
        conclude(report);
        return report;
    }

    /// The same body as the query's, with 501 in the top-level code of a failure.
    [[nodiscard]] TaskReport read_callback(const TaskSpec& spec, const Envelope& envelope) const override {
        return read(spec, envelope);
    }
};

}  // namespace

const FamilyAdapter& market_adapter() {
    static const Market market;
    return market;
}

}  // namespace genq::upstream
