#include <algorithm>
#include <array>
#include <boost/json/array.hpp>

#include "server/sandbox/families.hpp"

// Suno music (docs.kie.ai, suno-api/*): generate and extend; two tracks a task, the second later than the first.
namespace genq::sandbox {
namespace {

namespace json = boost::json;

// Files of the two tracks: sound and cover, sound and cover.
constexpr std::size_t audio_of(std::size_t track) {
    return 2 * track;
}
constexpr std::size_t cover_of(std::size_t track) {
    return 2 * track + 1;
}
constexpr double text_share = 1.0 / 3;
constexpr double first_share = 2.0 / 3;

constexpr std::array<std::string_view, 6> models{"V4", "V4_5", "V4_5PLUS", "V4_5ALL", "V5", "V5_5"};

// Also for clients that only poll: measured behaviour of the service.
Answer<void> require_callback(const json::object& body) {
    if (!is_filled(body, "callBackUrl")) return refuse(422, "Please enter callBackUrl.");
    return {};
}

Answer<void> require_flag(const json::object& body, std::string_view key) {
    const auto* value = body.if_contains(key);
    if (value == nullptr || !value->is_bool()) return refuse(422, std::string(key) + " is required");
    return {};
}

Answer<void> check_model(const json::object& body) {
    if (auto there = require(body, {"model"}); !there) return there;
    if (std::ranges::find(models, text_at(body, "model")) == models.end()) {
        return refuse(422, "model is not supported");
    }
    return {};
}

NewTask wanted(const Call& call, std::string operation) {
    auto prompt = text_at(call.body, "prompt");
    if (prompt.empty()) prompt = text_at(call.body, "title");
    return {.family = "suno",
            .model = text_at(call.body, "model"),
            .operation = std::move(operation),
            .prompt = std::move(prompt),
            .files = {MediaKind::mp3, MediaKind::jpeg, MediaKind::mp3, MediaKind::jpeg},
            .seconds = {30, 60},
            .price = 12};
}

Answer<json::value> generate(Workshop& shop, Call& call) {
    const auto& body = call.body;
    for (const auto& there : {require_flag(body, "customMode"), require_flag(body, "instrumental"), check_model(body),
                              require_callback(body)}) {
        if (!there) return std::unexpected(there.error());
    }
    const bool custom = flag_at(body, "customMode");
    if (!(custom && flag_at(body, "instrumental"))) {
        if (auto there = require(body, {"prompt"}); !there) return std::unexpected(there.error());
    }
    if (custom) {
        if (auto there = require(body, {"style", "title"}); !there) return std::unexpected(there.error());
    }
    const auto model = text_at(body, "model");
    const std::size_t longest = !custom ? 3000 : model == "V4" ? 3000 : 5000;
    if (text_at(body, "prompt").size() > longest) return refuse(413, "The prompt is too long");
    if (custom && text_at(body, "style").size() > (model == "V4" || model == "V3_5" ? 200U : 1000U)) {
        return refuse(413, "The style is too long");
    }
    if (custom && text_at(body, "title").size() > 80) return refuse(413, "The title is too long");
    return created(shop.start(wanted(call, "generate"), call));
}

/// A track's id is its task's with the track's number.
bool is_track(Workshop& shop, const std::string& id) {
    const auto dash = id.rfind('-');
    const auto* task = dash == std::string::npos ? nullptr : shop.find(id.substr(0, dash));
    return task != nullptr && (task->family == "suno" || task->model.starts_with("ai-music-api/"));
}

Answer<json::value> extend(Workshop& shop, Call& call) {
    const auto& body = call.body;
    for (const auto& there : {require_flag(body, "defaultParamFlag"), require(body, {"audioId"}), check_model(body),
                              require_callback(body)}) {
        if (!there) return std::unexpected(there.error());
    }
    if (flag_at(body, "defaultParamFlag")) {
        if (auto there = require(body, {"continueAt", "prompt", "style", "title"}); !there) {
            return std::unexpected(there.error());
        }
    }
    if (!is_track(shop, text_at(body, "audioId"))) return refuse(422, "audioId is not found");
    return created(shop.start(wanted(call, "extend"), call));
}

// `made` tracks have their files; the others have a stream only.
json::array tracks(Workshop& shop, const Task& task, const Call& call, std::size_t made, bool snake,
                   std::size_t count) {
    json::array list;
    for (std::size_t track = 0; track < count; ++track) {
        const bool ready = track < made && !task.no_result;
        auto title = text_at(task.body, "title");
        if (title.empty()) title = "Sandbox " + label_for(task.prompt, 0).hash;
        list.push_back(
            json::object{{"id", task.id + "-" + std::to_string(track + 1)},
                         {snake ? "audio_url" : "audioUrl", ready ? shop.file_url(task, audio_of(track), call) : ""},
                         {snake ? "stream_audio_url" : "streamAudioUrl", shop.file_url(task, audio_of(track), call)},
                         {snake ? "image_url" : "imageUrl", shop.file_url(task, cover_of(track), call)},
                         {"prompt", task.prompt},
                         {snake ? "model_name" : "modelName", "chirp-" + task.model},
                         {"title", title},
                         {"tags", text_at(task.body, "style")},
                         {"createTime", spaced_time(task.created.wall)},
                         {"duration", ready ? json::value(2.0) : json::value(nullptr)}});
    }
    return list;
}

struct Status {
    std::string_view word;
    bool has_tracks = false;
    std::size_t made = 0;
};

Status status_of(const Task& task, SteadyTime now) {
    const auto phase = task.phase(now);
    if (phase == Phase::failed) return {"GENERATE_AUDIO_FAILED"};
    if (phase == Phase::done) return {task.callback_failed ? "CALLBACK_EXCEPTION" : "SUCCESS", true, 2};
    const double share = task.share(now);
    if (share >= first_share) return {"FIRST_SUCCESS", true, 1};
    if (share >= text_share) return {"TEXT_SUCCESS", true, 0};
    return {"PENDING"};
}

Answer<json::value> poll(Workshop& shop, Call& call) {
    const auto asked = shop.asked(call, "suno");
    if (!asked) return std::unexpected(asked.error());
    const Task& task = **asked;
    if (task.operation == "lyrics") return refuse(404, "Task not found");  // it has a poll of its own
    const auto phase = task.phase(call.now.steady);
    const auto status = status_of(task, call.now.steady);
    json::value response = nullptr;
    if (status.has_tracks) {
        response = json::object{{"taskId", task.id}, {"sunoData", tracks(shop, task, call, status.made, false, 2)}};
    }
    return json::object{
        {"taskId", task.id},
        {"parentMusicId", text_at(task.body, "audioId")},
        {"param", body_text(task)},
        {"response", std::move(response)},
        {"status", status.word},
        {"type", task.operation == "extend" ? "EXTEND" : "GENERATE"},
        {"operationType", task.operation},
        {"errorCode", error_code_of(task, phase)},
        {"errorMessage", phase == Phase::failed ? json::value(task.fail_message) : json::value(nullptr)}};
}

json::object callback(Workshop& shop, const Task& task, const Call& call, CallbackPoint point) {
    const auto body = [&task](std::string_view type, json::value data) {
        return json::object{{"callbackType", type}, {"task_id", task.id}, {"data", std::move(data)}};
    };
    const auto fine = [](std::string_view msg, json::object data) {
        auto out = envelope(json::value(std::move(data)));
        out["msg"] = msg;
        return out;
    };
    switch (point) {
        case CallbackPoint::text:
            return fine("Text generated successfully.", body("text", json::array()));
        case CallbackPoint::first:
            return fine("First track generated.", body("first", tracks(shop, task, call, 1, true, 1)));
        case CallbackPoint::end:
            break;
    }
    if (task.fate != Fate::success) return envelope(refuse(task.fail_code, task.fail_message, body("error", nullptr)));
    return fine("All generated successfully.", body("complete", tracks(shop, task, call, 2, true, 2)));
}

constexpr std::array routes{
    Route{"POST", "/api/v1/generate", "suno", Variant::both, true,
          [](Workshop& shop, Call& call) { return envelope(generate(shop, call)); }},
    Route{"POST", "/api/v1/generate/extend", "suno", Variant::both, true,
          [](Workshop& shop, Call& call) { return envelope(extend(shop, call)); }},
    Route{"GET", "/api/v1/generate/record-info", "suno", Variant::both, false,
          [](Workshop& shop, Call& call) { return envelope(poll(shop, call)); }},
};

}  // namespace

const FamilyTable& suno_table() {
    static constexpr FamilyTable table{"suno", routes, callback};
    return table;
}

}  // namespace genq::sandbox
