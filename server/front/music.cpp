#include <boost/json/array.hpp>

#include "server/front/create.hpp"
#include "server/front/handlers.hpp"

// Suno: `/api/v1/generate`, `/api/v1/lyrics`. A track's id is kie.ai's own, so that `audioId` in a later request is
// right as it is.
namespace genq::front {

namespace bj = boost::json;

namespace {

constexpr std::string_view lyrics_model_id = "suno/lyrics";

Maybe<std::string> suno_model(bj::object& input) {
    const auto version = text_at(input, "model");
    if (version.empty()) return std::unexpected(No{422, "model is required"});
    return "suno/" + version;
}

Maybe<std::string> suno_extend_model(bj::object& input) {
    if (text_at(input, "audioId").empty()) return std::unexpected(No{422, "audioId is required"});
    return "suno/extend";
}

Maybe<std::string> lyrics_model(bj::object&) {
    return std::string(lyrics_model_id);
}

bool is_suno(const Job& job) {
    return job.family == Family::suno;
}

bool is_lyrics(const Job& job) {
    return job.family == Family::suno && job.model == lyrics_model_id;
}

std::string_view status_of(const Task& task) {
    switch (task.phase()) {
        case Phase::waiting:
        case Phase::going:
            return "PENDING";
        case Phase::done:
            return "SUCCESS";
        case Phase::failed:
            if (task.failed_before_task()) return "CREATE_TASK_FAILED";
            return is_lyrics(task.job) ? "GENERATE_LYRICS_FAILED" : "GENERATE_AUDIO_FAILED";
    }
    return "PENDING";
}

std::string version_of(const Task& task) {
    auto said = text_at(task.shown_input(), "model");
    if (!said.empty()) return said;
    const auto slash = task.job.wire_model.find('/');
    return slash == std::string::npos ? task.job.wire_model : task.job.wire_model.substr(slash + 1);
}

void write_track(json::Writer& out, const bj::object& track, const Task& task) {
    const auto* output = track.if_contains("output");
    const auto url = output != nullptr && output->is_int64() ? task.url_of(output->get_int64()) : std::string();
    out.begin_object().field("id", text_at(track, "id")).field("audioUrl", url).field("streamAudioUrl", url);
    out.field("imageUrl", "").field("prompt", text_at(track, "lyrics")).field("modelName", version_of(task));
    out.field("title", text_at(track, "title")).field("tags", text_at(track, "tags"));
    out.field("createTime", task.spaced_text());
    const auto* duration = track.if_contains("duration_s");
    out.field("duration", duration == nullptr ? bj::value() : *duration).end_object();
}

void write_songs(json::Writer& out, const Task& task) {
    const bool extends = task.job.model == "suno/extend";
    const auto input = task.shown_input();
    out.begin_object().field("taskId", task.id()).field("parentMusicId", extends ? text_at(input, "audioId") : "");
    out.field("param", text_of(input)).key("response");
    if (task.phase() == Phase::done) {
        out.begin_object().field("taskId", task.id()).key("sunoData").begin_array();
        if (const auto* tracks = task.list("tracks")) {
            for (const auto& track : *tracks) {
                if (track.is_object()) write_track(out, track.get_object(), task);
            }
        }
        out.end_array().end_object();
    } else {
        out.value(nullptr);
    }
    out.field("status", status_of(task)).field("type", extends ? "EXTEND" : "GENERATE");
    out.field("operationType", extends ? "extend" : "generate");
    write_error(out, task);
    out.end_object();
}

void write_lyrics(json::Writer& out, const Task& task) {
    out.begin_object().field("taskId", task.id()).field("param", text_of(task.shown_input())).key("response");
    if (task.phase() == Phase::done) {
        std::string variants;
        json::Writer list(variants);
        list.begin_array();
        if (const auto* lyrics = task.list("lyrics")) {
            for (const auto& element : *lyrics) {
                if (!element.is_object()) continue;
                const auto& variant = element.get_object();
                list.begin_object().field("text", text_at(variant, "text")).field("title", text_at(variant, "title"));
                list.field("status", "complete").field("errorMessage", "").end_object();
            }
        }
        list.end_array();
        // Under the name of kie.ai's pages, and under that of their earlier ones.
        out.begin_object().field("taskId", task.id()).key("data").json(variants);
        out.key("lyricsData").json(variants).end_object();
    } else {
        out.value(nullptr);
    }
    out.field("status", status_of(task)).field("type", "LYRICS");
    write_error(out, task);
    out.end_object();
}

// An older guide polls lyrics where it polls songs.
void write_either(json::Writer& out, const Task& task) {
    if (is_lyrics(task.job)) {
        write_lyrics(out, task);
    } else {
        write_songs(out, task);
    }
}

}  // namespace

Answer create_suno(Core& core, Context& context) {
    return answer_family_create(core, context, Family::suno, &suno_model);
}

Answer extend_suno(Core& core, Context& context) {
    return answer_family_create(core, context, Family::suno, &suno_extend_model);
}

Answer poll_suno(Core& core, Context& context) {
    return answer_poll(core, context, {&is_suno, &write_either});
}

Answer create_lyrics(Core& core, Context& context) {
    return answer_family_create(core, context, Family::suno, &lyrics_model);
}

Answer poll_lyrics(Core& core, Context& context) {
    return answer_poll(core, context, {&is_lyrics, &write_lyrics});
}

}  // namespace genq::front
