#include "server/upstream/adapters.hpp"
#include "server/upstream/fields.hpp"
#include "server/upstream/records.hpp"
#include "server/upstream/requests.hpp"
#include "server/upstream/results.hpp"
#include "server/upstream/wording.hpp"

namespace genq::upstream {
namespace {

namespace json = boost::json;

constexpr std::string_view extend = "veo/extend";
constexpr std::string_view full_hd = "veo/1080p";
constexpr std::string_view ultra_hd = "veo/4k";

/// The upgrades start from a finished task and are asked for by the same request again and again.
bool is_upgrade(std::string_view model) {
    return model == full_hd || model == ultra_hd;
}

ApiRequest get_upgrade(const TaskSpec& spec, std::string_view path) {
    auto request = get_task(path, parent_task(spec));
    const auto index = text_or_empty(find(spec.input, "index"));
    request.path += "&index=" + (index.empty() ? "0" : percent_encoded(index));
    return request;
}

/// The pages' 4K is a POST; the older text's a GET of the same path.
ApiRequest request_upgrade(const TaskSpec& spec, std::string_view endpoint) {
    constexpr std::string_view path_4k = "/api/v1/veo/get-4k-video";
    if (spec.model == full_hd) return get_upgrade(spec, "/api/v1/veo/get-1080p-video");
    if (endpoint == endpoint_seed) return get_upgrade(spec, path_4k);
    auto body = body_of(spec);
    if (find(body, "index") == nullptr) body["index"] = 0;
    return post_json(path_4k, body);
}

/// An upgrade's answer, whatever its code: 422 may carry the result, and 400 or 422 may mean that the work goes on.
TaskReport read_upgrade(const Envelope& envelope) {
    const auto record = object_of(&envelope.data);
    TaskReport report;
    add_outputs_from_anywhere(report.outputs, record, "video");  // imageUrls are covers
    const int code = envelope.deciding_code();
    if (!report.outputs.empty()) {
        report.state = TaskState::succeeded;
        report.word = "ready";
        return report;
    }
    report.word = speaks_of_processing(envelope.message) ? "processing" : "accepted";
    if (code == 200 || speaks_of_processing(envelope.message)) return report;
    // What ends a task elsewhere does so here; the rest (5xx and the like) says nothing of it.
    return begin_report(envelope, record, StateWord{});
}

/// Veo 3.1: `/api/v1/veo/*` (veo3-api).
class Veo final : public FamilyAdapter {
  public:
    [[nodiscard]] Family family() const override { return Family::veo; }

    [[nodiscard]] std::vector<std::string> endpoints(std::string_view model) const override {
        if (model == extend || model == ultra_hd) return {std::string(endpoint_docs), std::string(endpoint_seed)};
        return FamilyAdapter::endpoints(model);
    }

    [[nodiscard]] ApiRequest create(const TaskSpec& spec, std::string_view endpoint) const override {
        if (is_upgrade(spec.model)) return request_upgrade(spec, endpoint);
        auto body = body_of(spec);
        if (spec.model == extend) {
            const bool seed = endpoint == endpoint_seed;
            return post_json(seed ? "/api/v1/veo/extend-video" : "/api/v1/veo/extend", body);
        }
        body["model"] = spec.wire_model;
        return post_json("/api/v1/veo/generate", body);
    }

    [[nodiscard]] ApiRequest query(const TaskSpec& spec, std::string_view endpoint) const override {
        if (is_upgrade(spec.model)) return request_upgrade(spec, endpoint);
        return get_task("/api/v1/veo/record-info", spec.task_id);
    }

    [[nodiscard]] std::optional<CreateOutcome> read_create(const TaskSpec& spec,
                                                           const Envelope& envelope) const override {
        if (!is_upgrade(spec.model)) return std::nullopt;
        const int code = envelope.deciding_code();
        if (code != 200 && read_upgrade(envelope).state == TaskState::failed) return std::nullopt;
        if (code != 200 && code != 400 && code != 422) return std::nullopt;
        CreateOutcome outcome;
        outcome.verdict = CreateVerdict::created;
        outcome.task_id = text_or_empty(find(object_of(&envelope.data), "taskId"));
        if (outcome.task_id.empty()) outcome.task_id = parent_task(spec);
        outcome.code = code;
        outcome.message = envelope.message;
        return outcome;
    }

    [[nodiscard]] TaskReport read(const TaskSpec& spec, const Envelope& envelope) const override {
        if (is_upgrade(spec.model)) return read_upgrade(envelope);
        const auto record = object_of(&envelope.data);
        auto report = begin_report(envelope, record, state_of(find(record, "successFlag")));
        if (report.state == TaskState::succeeded) {
            const auto response = object_of(find(record, "response"));
            add_outputs(report.outputs, find(response, "resultUrls"), "video");
            add_outputs(report.outputs, find(response, "fullResultUrls"), "full_video");
            if (report.outputs.empty()) add_outputs_from_anywhere(report.outputs, record, "video");
            // Only beside files: a resolution alone is no result.
            if (!report.outputs.empty()) report.result = generation_in(response);
        }
        conclude(report);
        return report;
    }

    /// `data.info.resultUrls`, a list or the JSON text of one; the upgrades' alike.
    [[nodiscard]] TaskReport read_callback(const TaskSpec& /*spec*/, const Envelope& envelope) const override {
        auto report = begin_callback(envelope);
        if (report.state != TaskState::succeeded) return report;
        const auto info = object_of(find(object_of(&envelope.data), "info"));
        add_outputs(report.outputs, find(info, "resultUrls"), "video");
        add_outputs(report.outputs, find(info, "fullResultUrls"), "full_video");
        if (!report.outputs.empty()) report.result = generation_in(info);
        conclude(report);
        return report;
    }

    [[nodiscard]] bool calls_back(std::string_view model) const override { return model != full_hd; }

    [[nodiscard]] bool repeatable(std::string_view model) const override { return is_upgrade(model); }
};

}  // namespace

const FamilyAdapter& veo_adapter() {
    static const Veo veo;
    return veo;
}

}  // namespace genq::upstream
