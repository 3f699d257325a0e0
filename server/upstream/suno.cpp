#include <algorithm>
#include <boost/json/array.hpp>

#include "server/upstream/adapters.hpp"
#include "server/upstream/fields.hpp"
#include "server/upstream/records.hpp"
#include "server/upstream/requests.hpp"
#include "server/upstream/results.hpp"

namespace genq::upstream {
namespace {

namespace json = boost::json;

/// Music and lyrics use words in `status`; the side jobs (WAV, vocals, video) use words in the flag.
StateWord suno_state(const json::object& record) {
    const auto* status = find(record, "status");
    return state_of(status == nullptr ? find(record, "successFlag") : status);
}

void read_response(TaskReport& report, const json::object& response, bool lyrics) {
    if (lyrics) {
        report.result = lyrics_in(find(response, "data"));
        if (!report.result) report.result = lyrics_in(find(response, "lyricsData"));
        return;
    }
    report.result = add_tracks(report.outputs, find(response, "sunoData"));
    if (!report.result) report.result = add_tracks(report.outputs, find(response, "data"));
    add_outputs(report.outputs, find(response, "audioWavUrl"), "audio");
    add_outputs(report.outputs, find(response, "vocalUrl"), "vocal");
    add_outputs(report.outputs, find(response, "instrumentalUrl"), "instrumental");
    add_outputs(report.outputs, find(response, "videoUrl"), "video");
    add_outputs(report.outputs, find(response, "images"), "image");
}

/// True when tracks are listed that have no file yet.
bool lacks_files(const TaskReport& report) {
    if (!report.result) return false;
    const auto* tracks = find(report.result->get_object(), "tracks");
    if (tracks == nullptr) return false;
    return std::ranges::any_of(tracks->get_array(),
                               [](const json::value& track) { return find(track.get_object(), "output") == nullptr; });
}

/// Suno: `/api/v1/generate`, `/api/v1/lyrics` (suno-api). A create without callBackUrl is refused, also for those who
/// poll, so it is always sent.
class Suno final : public FamilyAdapter {
  public:
    [[nodiscard]] Family family() const override { return Family::suno; }

    [[nodiscard]] ApiRequest create(const TaskSpec& spec, std::string_view /*endpoint*/) const override {
        auto body = body_of(spec);
        body["callBackUrl"] = spec.callback_url;
        if (spec.model == "suno/lyrics") return post_json("/api/v1/lyrics", body);
        if (spec.model == "suno/extend") return post_json("/api/v1/generate/extend", body);
        // A version that the catalogue does not know comes under its whole id.
        constexpr std::string_view prefix = "suno/";
        std::string_view version = spec.wire_model;
        if (version.starts_with(prefix)) version.remove_prefix(prefix.size());
        body["model"] = json::string(version.data(), version.size());
        return post_json("/api/v1/generate", body);
    }

    [[nodiscard]] ApiRequest query(const TaskSpec& spec, std::string_view /*endpoint*/) const override {
        const bool lyrics = spec.model == "suno/lyrics";
        return get_task(lyrics ? "/api/v1/lyrics/record-info" : "/api/v1/generate/record-info", spec.task_id);
    }

    [[nodiscard]] TaskReport read(const TaskSpec& spec, const Envelope& envelope) const override {
        const auto record = object_of(&envelope.data);
        const auto state = suno_state(record);
        auto report = begin_report(envelope, record, state);
        if (report.state == TaskState::failed) return report;
        const bool lyrics = spec.model == "suno/lyrics";
        // While it goes on, too: after FIRST_SUCCESS the first track is there, and may be all that ever comes.
        read_response(report, object_of(find(record, "response")), lyrics);
        if (!lyrics && report.state == TaskState::succeeded && report.outputs.empty()) {
            add_outputs_from_anywhere(report.outputs, record, "audio");
            // Tracks without files are no result; a description alone must not pass for one.
            if (report.outputs.empty()) report.result.reset();
        }
        // Only a callback went astray, perhaps an early one: tracks that are still without a file are waited for.
        if (state.undelivered && !lacks_files(report)) report.state = TaskState::succeeded;
        conclude(report);
        return report;
    }

    /// `data.callbackType` is text, first, complete or error, `data.data` the tracks or the lyrics so far.
    [[nodiscard]] TaskReport read_callback(const TaskSpec& spec, const Envelope& envelope) const override {
        auto report = begin_callback(envelope);
        if (report.state != TaskState::succeeded) return report;
        const auto data = object_of(&envelope.data);
        const auto type = lower(text_or_empty(find(data, "callbackType")));
        if (type != "complete") {
            report.state = TaskState::pending;
            report.word = type;
            return report;
        }
        const auto* result = find(data, "data");
        if (spec.model == "suno/lyrics") {
            report.result = lyrics_in(result);
        } else {
            report.result = add_tracks(report.outputs, result);
            // Tracks without files are no result: the record tells more.
            if (report.outputs.empty()) report.result.reset();
        }
        conclude(report);
        return report;
    }
};

}  // namespace

const FamilyAdapter& suno_adapter() {
    static const Suno suno;
    return suno;
}

}  // namespace genq::upstream
