#include "server/sandbox/runway.hpp"

#include <array>

#include "server/sandbox/families.hpp"
#include "server/sandbox/limits.hpp"

// Runway Gen-4 (docs.kie.ai, runway-api/*): generate and extend.
namespace genq::sandbox {
namespace {

namespace json = boost::json;

constexpr std::size_t video = 0;
constexpr std::size_t cover = 1;

NewTask wanted(const Call& call, std::string operation, std::string parent) {
    return {.family = "runway",
            .model = "runway",
            .operation = std::move(operation),
            .prompt = text_at(call.body, "prompt"),
            .files = {MediaKind::mp4, MediaKind::png},
            .seconds = {60, 180},
            .price = 12,
            .parent = std::move(parent)};
}

Answer<json::value> generate(Workshop& shop, Call& call) {
    const auto& body = call.body;
    if (auto there = require(body, {"prompt", "duration", "quality"}); !there) return std::unexpected(there.error());
    auto judged = body;
    if (is_filled(body, "imageUrl")) judged.erase("aspectRatio");  // the picture's own shape stays
    if (const auto fault = input_fault("runway", judged); !fault.empty()) return refuse(422, fault);
    const auto duration = number_at(body, "duration");
    const auto quality = text_at(body, "quality");
    if (quality != "720p" && quality != "1080p") return refuse(422, "quality has to be 720p or 1080p");
    if (duration == 10 && quality == "1080p") return refuse(422, "1080p is not available for 10-second videos");
    if (!is_filled(body, "imageUrl") && !is_filled(body, "aspectRatio")) return refuse(422, "aspectRatio is required");
    return created(shop.start(wanted(call, "generate", ""), call));
}

Answer<json::value> extend(Workshop& shop, Call& call) {
    if (auto there = require(call.body, {"taskId", "prompt", "quality"}); !there) return std::unexpected(there.error());
    const auto parent = shop.asked(call, "runway");
    if (!parent) return std::unexpected(parent.error());
    if ((*parent)->phase(call.now.steady) != Phase::done) return refuse(422, "The original video is not ready");
    return created(shop.start(wanted(call, "extend", (*parent)->id), call));
}

Answer<json::value> poll(Workshop& shop, Call& call) {
    auto asked = shop.asked(call, "runway");
    if (!asked && shop.options().seed_variants) asked = shop.asked(call, "aleph");
    if (!asked) return std::unexpected(asked.error());
    return runway_record(shop, **asked, call);
}

std::string_view word_of(Phase phase) {
    switch (phase) {
        case Phase::waiting:
            return "wait";
        case Phase::queuing:
            return "queueing";
        case Phase::generating:
            return "generating";
        case Phase::done:
            return "success";
        case Phase::failed:
            return "fail";
    }
    return "";
}

json::object callback(Workshop& shop, const Task& task, const Call& call, CallbackPoint) {
    const bool done = task.fate == Fate::success && !task.no_result;
    json::object data{{"task_id", task.id},
                      {"video_id", done ? task.id + "-video" : ""},
                      {"video_url", done ? shop.file_url(task, video, call) : ""},
                      {"image_url", done ? shop.file_url(task, cover, call) : ""}};
    if (task.fate != Fate::success) return envelope(refuse(task.fail_code, task.fail_message, std::move(data)));
    auto body = envelope(json::value(std::move(data)));
    body["msg"] = "All generated successfully.";
    return body;
}

constexpr std::array routes{
    Route{"POST", "/api/v1/runway/generate", "runway", Variant::both, true,
          [](Workshop& shop, Call& call) { return envelope(generate(shop, call)); }},
    Route{"POST", "/api/v1/runway/extend", "runway", Variant::both, true,
          [](Workshop& shop, Call& call) { return envelope(extend(shop, call)); }},
    Route{"GET", "/api/v1/runway/record-detail", "runway", Variant::both, false,
          [](Workshop& shop, Call& call) { return envelope(poll(shop, call)); }},
};

}  // namespace

json::object runway_record(Workshop& shop, const Task& task, const Call& call) {
    const auto phase = task.phase(call.now.steady);
    json::value info = nullptr;
    if (phase == Phase::done) {
        info = json::object{{"videoId", task.id + "-video"},
                            {"taskId", task.id},
                            {"videoUrl", task.no_result ? "" : shop.file_url(task, video, call)},
                            {"imageUrl", task.no_result ? "" : shop.file_url(task, cover, call)}};
    }
    return {
        {"taskId", task.id},
        {"parentTaskId", task.parent},
        {"generateParam",
         json::object{{"prompt", task.prompt}, {"imageUrl", text_at(task.body, "imageUrl")}, {"expandPrompt", true}}},
        {"state", word_of(phase)},
        {"generateTime", phase == Phase::done ? spaced_time(task.ends_wall()) : ""},
        {"videoInfo", std::move(info)},
        {"failCode", phase == Phase::failed ? task.fail_code : 0},
        {"failMsg", phase == Phase::failed ? task.fail_message : ""},
        {"expireFlag", 0}};
}

const FamilyTable& runway_table() {
    static constexpr FamilyTable table{"runway", routes, callback};
    return table;
}

}  // namespace genq::sandbox
