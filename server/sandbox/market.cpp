#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "common/core/rfc3339.hpp"
#include "server/sandbox/families.hpp"
#include "server/sandbox/limits.hpp"
#include "server/sandbox/models.hpp"

// The Market: one endpoint for most models (docs.kie.ai, market/*, market/common/get-task-detail).
namespace genq::sandbox {
namespace {

namespace json = boost::json;

const json::object& input_of(const json::object& body) {
    static const json::object none;
    const auto* input = body.if_contains("input");
    return input != nullptr && input->is_object() ? input->as_object() : none;
}

// The comma-separated names, one after the other.
Answer<void> require_all(const json::object& input, std::string_view names) {
    while (!names.empty()) {
        const auto comma = std::min(names.find(','), names.size());
        if (auto there = require(input, {names.substr(0, comma)}); !there) return there;
        names.remove_prefix(std::min(comma + 1, names.size()));
    }
    return {};
}

bool is_url(const json::value& value) {
    return value.is_string() && (value.as_string().starts_with("http://") || value.as_string().starts_with("https://"));
}

// By their names, files are one URL or a list of them in every model.
Answer<void> check_urls(const json::object& input) {
    for (const auto& field : input) {
        const std::string_view name = field.key();
        const bool list = name.ends_with("_urls");
        if (!list && !name.ends_with("_url") && name != "image") continue;
        const auto& value = field.value();
        if (list) {
            const bool fits = value.is_array() && std::ranges::all_of(value.as_array(), is_url);
            if (!fits) return refuse(422, std::string(name) + " has to be a list of URLs");
        } else if (!is_url(value)) {
            return refuse(422, std::string(name) + " has to be a URL");
        }
    }
    return {};
}

// What the pictures show the hash of: the prompt, or the whole input for models that take none.
std::string prompt_of(const json::object& input) {
    for (const auto* key : {"prompt", "text"}) {
        if (auto text = text_at(input, key); !text.empty()) return text;
    }
    return json::serialize(input);
}

std::vector<MediaKind> files_of(const MarketModel& model, const std::string& slug, const json::object& input) {
    switch (model.kind) {
        case MarketKind::image: {
            const auto format = text_at(input, "output_format");
            const bool many = slug == "grok-imagine/text-to-image";
            const auto kind = many || format == "jpg" || format == "jpeg" ? MediaKind::jpeg : MediaKind::png;
            const auto count = std::clamp<std::int64_t>(number_at(input, "num_images").value_or(many ? 4 : 1), 1, 8);
            return std::vector<MediaKind>(static_cast<std::size_t>(count), kind);
        }
        case MarketKind::video:
            if (flag_at(input, "return_last_frame")) return {MediaKind::mp4, MediaKind::png, MediaKind::png};
            if (slug.starts_with("sora-2")) return {MediaKind::mp4, MediaKind::mp4};
            return {MediaKind::mp4};
        case MarketKind::audio:
            return {MediaKind::mp3};
        case MarketKind::tracks:
            return {MediaKind::mp3, MediaKind::jpeg, MediaKind::mp3, MediaKind::jpeg};
        case MarketKind::transcript:
            return {};
    }
    return {};
}

Answer<json::value> create(Workshop& shop, Call& call) {
    const auto slug = text_at(call.body, "model");
    if (slug.empty()) return refuse(422, "model is required");
    const auto model = market_model(slug);
    if (!model) return refuse(422, "The model name you specified is not supported. Please verify the model name");
    if (!call.body.contains("input") || !call.body.at("input").is_object()) return refuse(422, "input is required");
    const auto& input = input_of(call.body);
    if (auto there = require_all(input, model->required); !there) return std::unexpected(there.error());
    if (auto urls = check_urls(input); !urls) return std::unexpected(urls.error());
    if (input.contains("prompt") && !input.at("prompt").is_string()) return refuse(422, "prompt has to be a string");
    if (auto fault = input_fault(slug, input); !fault.empty()) return refuse(422, std::move(fault));
    if (slug == "grok-imagine/upscale") {
        const auto* film = shop.find(text_at(input, "task_id"));
        if (film == nullptr || !film->model.starts_with("grok-imagine/")) return refuse(422, "task_id is not found");
    }
    return created(shop.start({.family = "market",
                               .model = slug,
                               .prompt = prompt_of(input),
                               .files = files_of(*model, slug, input),
                               .seconds = model->seconds,
                               .price = model->price,
                               .id_prefix = "task_"},
                              call));
}

json::object transcript(const Task& task) {
    const json::object word{
        {"text", "sandbox"}, {"start", 0.1}, {"end", 0.5}, {"type", "word"}, {"speaker_id", "speaker_0"}};
    return {{"resultObject", json::object{{"language_code", "eng"},
                                          {"language_probability", 0.98},
                                          {"text", "sandbox " + label_for(task.prompt, 0).hash},
                                          {"words", json::array(1, word)}}}};
}

json::object tracks(Workshop& shop, const Task& task, const Call& call) {
    json::array list;
    for (std::size_t track = 0; track < 2 && !task.no_result; ++track) {
        list.push_back(json::object{{"id", task.id + "-" + std::to_string(track + 1)},
                                    {"audio_url", shop.file_url(task, 2 * track, call)},
                                    {"image_url", shop.file_url(task, 2 * track + 1, call)},
                                    {"title", "Sandbox " + std::to_string(track + 1)},
                                    {"duration", 2.0}});
    }
    return {{"data", std::move(list)}};
}

json::object result_of(Workshop& shop, const Task& task, const Call& call) {
    const auto model = market_model(task.model);
    if (model && model->kind == MarketKind::transcript) return transcript(task);
    if (model && model->kind == MarketKind::tracks) return tracks(shop, task, call);
    const bool frames = task.files.size() == 3 && task.files[1] == MediaKind::png && task.files[0] == MediaKind::mp4;
    const bool marked = task.model.starts_with("sora-2") && task.files.size() == 2;
    json::object result{{"resultUrls", shop.file_urls(task, 0, frames || marked ? 1 : task.files.size(), call)}};
    if (frames) {
        result["firstFrameUrl"] = shop.file_urls(task, 1, 1, call);
        result["lastFrameUrl"] = shop.file_urls(task, 2, 1, call);
    }
    if (marked) result["resultWaterMarkUrls"] = shop.file_urls(task, 1, 1, call);
    return result;
}

std::string_view word_of(Phase phase) {
    switch (phase) {
        case Phase::waiting:
            return "waiting";
        case Phase::queuing:
            return "queuing";
        case Phase::generating:
            return "generating";
        case Phase::done:
            return "success";
        case Phase::failed:
            return "fail";
    }
    return "";
}

json::object record(Workshop& shop, const Task& task, const Call& call) {
    const auto phase = task.phase(call.now.steady);
    const bool done = phase == Phase::done;
    const bool failed = phase == Phase::failed;
    json::object data{{"taskId", task.id},
                      {"model", task.model},
                      {"state", word_of(phase)},
                      {"param", body_text(task)},
                      {"resultJson", done ? json::serialize(result_of(shop, task, call)) : ""},
                      {"failCode", failed ? std::to_string(task.fail_code) : ""},
                      {"failMsg", failed ? task.fail_message : ""},
                      {"costTime", done ? task.duration.count() : 0},
                      {"completeTime", done || failed ? to_ms(task.ends_wall()) : 0},
                      {"createTime", to_ms(task.created.wall)},
                      {"updateTime", to_ms(done || failed ? task.ends_wall() : call.now.wall)}};
    if (done) data["creditsConsumed"] = task.price;
    if (failed) data["creditsConsumed"] = 0;
    if (task.model.starts_with("sora-2")) data["progress"] = static_cast<int>(task.share(call.now.steady) * 100);
    return data;
}

Answer<json::value> poll(Workshop& shop, Call& call) {
    const auto id = call.target.find("taskId").value_or("");
    if (id.empty()) return refuse(400, "taskId parameter is required");
    const auto* task = shop.find(id);
    if (task == nullptr || task->family != "market" || !task->visible(call.now.steady)) {
        return refuse(422, "recordInfo is null");
    }
    return record(shop, *task, call);
}

// The same body as the poll's; a failure shows in the top-level code as well.
json::object callback(Workshop& shop, const Task& task, const Call& call, CallbackPoint) {
    auto data = record(shop, task, call);
    if (task.fate == Fate::success) return envelope(json::value(std::move(data)));
    return envelope(refuse(501, task.fail_message, std::move(data)));
}

constexpr std::array routes{
    Route{"POST", "/api/v1/jobs/createTask", "market", Variant::both, true,
          [](Workshop& shop, Call& call) { return envelope(create(shop, call)); }},
    Route{"GET", "/api/v1/jobs/recordInfo", "market", Variant::both, false,
          [](Workshop& shop, Call& call) { return envelope(poll(shop, call)); }},
};

}  // namespace

const FamilyTable& market_table() {
    static constexpr FamilyTable table{"market", routes, callback};
    return table;
}

}  // namespace genq::sandbox
