#include <array>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "server/sandbox/families.hpp"
#include "server/sandbox/limits.hpp"

// Veo 3.1 (docs.kie.ai, veo3-api/*): generate, extend, and the upgrades to 1080p and 4K.
namespace genq::sandbox {
namespace {

namespace json = boost::json;

// Where a task keeps which file.
constexpr std::size_t video = 0;
constexpr std::size_t upgraded = 1;  // 1080p; with an extension the whole joined video
constexpr std::size_t original = 2;  // uncropped, when the ratio is not 16:9; with a 4K task its picture

std::string ratio_of(const Task& task) {
    const auto ratio = text_at(task.body, "aspect_ratio");
    return ratio.empty() ? "16:9" : ratio;
}

Answer<json::value> generate(Workshop& shop, Call& call) {
    const auto& body = call.body;
    if (auto there = require(body, {"prompt"}); !there) return std::unexpected(there.error());
    auto model = text_at(body, "model");
    if (model.empty()) model = "veo3_fast";
    if (model != "veo3" && model != "veo3_fast" && model != "veo3_lite") return refuse(422, "model is not supported");
    if (const auto fault = input_fault("veo", body); !fault.empty()) return refuse(422, fault);
    if (texts_at(body, "imageUrls").size() > 3) return refuse(422, "imageUrls takes at most 3 images");
    const bool quality = model == "veo3";
    return created(shop.start({.family = "veo",
                               .model = model,
                               .prompt = text_at(body, "prompt"),
                               .files = {MediaKind::mp4, MediaKind::mp4, MediaKind::mp4},
                               .seconds = quality ? std::pair{120.0, 300.0} : std::pair{60.0, 180.0},
                               .price = quality ? 250.0 : 60.0,
                               .id_prefix = "veo_task_"},
                              call));
}

Answer<json::value> extend(Workshop& shop, Call& call) {
    if (auto there = require(call.body, {"taskId", "prompt"}); !there) return std::unexpected(there.error());
    const auto parent = shop.asked(call, "veo");
    if (!parent) return std::unexpected(parent.error());
    if ((*parent)->phase(call.now.steady) != Phase::done) return refuse(422, "The original video is not ready");
    const auto model = text_at(call.body, "model");
    return created(shop.start({.family = "veo",
                               .model = model.empty() ? "fast" : model,
                               .operation = "extend",
                               .prompt = text_at(call.body, "prompt"),
                               .files = {MediaKind::mp4, MediaKind::mp4},
                               .seconds = {60, 180},
                               .price = 60,
                               .id_prefix = "veo_task_",
                               .parent = (*parent)->id},
                              call));
}

json::value response_of(Workshop& shop, const Task& task, const Call& call) {
    const bool cropped = task.operation == "generate" && ratio_of(task) != "16:9";
    json::object response{
        {"taskId", task.id},
        {"resultUrls", shop.file_urls(task, video, 1, call)},
        {"originUrls", cropped ? json::value(shop.file_urls(task, original, 1, call)) : json::value(nullptr)},
        {"resolution", task.operation == "4k" ? "4k" : "720p"}};
    if (task.operation == "extend") response["fullResultUrls"] = shop.file_urls(task, upgraded, 1, call);
    if (task.operation == "4k") response["imageUrls"] = shop.file_urls(task, original, 1, call);
    return response;
}

Answer<json::value> poll(Workshop& shop, Call& call) {
    const auto asked = shop.asked(call, "veo");
    if (!asked) return std::unexpected(asked.error());
    const Task& task = **asked;
    const auto phase = task.phase(call.now.steady);
    const bool done = phase == Phase::done;
    const bool failed = phase == Phase::failed;
    const bool old_shape = shop.options().seed_variants;  // JSON text of a list, directly under `data`
    json::object data{{"taskId", task.id},
                      {"paramJson", body_text(task)},
                      {"completeTime", complete_time(task, phase, spaced_time)},
                      {"response", done && !old_shape ? response_of(shop, task, call) : json::value(nullptr)},
                      {"successFlag", done     ? 1
                                      : failed ? 3
                                               : 0},
                      {"errorCode", error_code_of(task, phase)},
                      {"errorMessage", failed ? task.fail_message : ""},
                      {"createTime", spaced_time(task.created.wall)},
                      {"fallbackFlag", false}};
    if (done && old_shape) data["resultUrls"] = json::serialize(shop.file_urls(task, video, 1, call));
    return data;
}

// The source of an upgrade: a finished video of the right ratio.
Answer<Task*> source_of(Workshop& shop, const Call& call) {
    const auto asked = shop.asked(call, "veo");
    if (!asked) return asked;
    if (shop.options().seed_variants && ratio_of(**asked) != "16:9") {
        return refuse(422, "Only 16:9 videos can be upgraded");
    }
    return asked;
}

Answer<json::value> full_hd(Workshop& shop, Call& call) {
    const auto source = source_of(shop, call);
    if (!source) return std::unexpected(source.error());
    const Task& task = **source;
    if (task.phase(call.now.steady) == Phase::failed) return refuse(422, "The original video has failed");
    const bool ready =
        task.phase(call.now.steady) == Phase::done && call.now.steady >= task.ends() + task.upgrade_after;
    if (!ready) {
        return refuse(400, "1080P is processing. It should be ready in 1-2 minutes. Please check back shortly.");
    }
    return json::object{{"resultUrl", shop.file_url(task, upgraded, call)}};
}

json::object four_k_data(Workshop& shop, const Task& task, const Call& call, bool ready) {
    return {{"taskId", task.id},
            {"resultUrls", ready ? json::value(shop.file_urls(task, video, 1, call)) : json::value(nullptr)},
            {"imageUrls", ready ? json::value(shop.file_urls(task, original, 1, call)) : json::value(nullptr)}};
}

// The first call starts a task of its own; later ones, with either id, are told 422, ready or not.
Answer<json::value> four_k(Workshop& shop, Call& call) {
    auto asked = source_of(shop, call);
    if (!asked) return std::unexpected(asked.error());
    Task* upgrade = (*asked)->operation == "4k" ? *asked : shop.find((*asked)->upgrade);
    if (upgrade == nullptr) {
        if ((*asked)->phase(call.now.steady) != Phase::done) return refuse(422, "The original video is not ready");
        auto made = shop.start({.family = "veo",
                                .model = "veo-4k",
                                .operation = "4k",
                                .prompt = (*asked)->prompt,
                                .files = {MediaKind::mp4, MediaKind::mp4, MediaKind::jpeg},
                                .seconds = {300, 600},
                                .price = 120,
                                .id_prefix = "veo_task_",
                                .parent = (*asked)->id},
                               call);
        if (!made) return std::unexpected(made.error());
        (*asked)->upgrade = (*made)->id;
        return four_k_data(shop, **made, call, false);
    }
    switch (upgrade->phase(call.now.steady)) {
        case Phase::waiting:
        case Phase::queuing:
        case Phase::generating:
            return refuse(422, "4k is processing. It should be ready in 5-10 minutes. Please check back shortly.",
                          four_k_data(shop, *upgrade, call, false));
        case Phase::done:
            return refuse(422, "The video has been generated successfully", four_k_data(shop, *upgrade, call, true));
        case Phase::failed:
            return refuse(500, "The 4K version of this video is unavailable. Please try a different video.",
                          json::object{{"taskId", upgrade->id}});
    }
    return refuse(500, "Server Error");
}

json::object callback(Workshop& shop, const Task& task, const Call& call, CallbackPoint) {
    if (task.fate != Fate::success) {
        return envelope(
            refuse(task.fail_code, task.fail_message, json::object{{"taskId", task.id}, {"fallbackFlag", false}}));
    }
    auto response = response_of(shop, task, call).as_object();
    response.erase("taskId");
    auto body = envelope(json::object{
        {"taskId", task.id}, {"promptJson", body_text(task)}, {"info", std::move(response)}, {"fallbackFlag", false}});
    body["msg"] = task.operation == "4k" ? "4K Video generated successfully." : "Veo3.1 video generated successfully.";
    return body;
}

using enum Variant;
constexpr auto extended = [](Workshop& shop, Call& call) { return envelope(extend(shop, call)); };
constexpr auto asked_4k = [](Workshop& shop, Call& call) { return envelope(four_k(shop, call)); };
constexpr std::array routes{
    Route{"POST", "/api/v1/veo/generate", "veo", both, true,
          [](Workshop& shop, Call& call) { return envelope(generate(shop, call)); }},
    Route{"GET", "/api/v1/veo/record-info", "veo", both, false,
          [](Workshop& shop, Call& call) { return envelope(poll(shop, call)); }},
    Route{"POST", "/api/v1/veo/extend", "veo", documented, true, extended},
    Route{"POST", "/api/v1/veo/extend-video", "veo", seed, true, extended},
    Route{"GET", "/api/v1/veo/get-1080p-video", "veo", both, false,
          [](Workshop& shop, Call& call) { return envelope(full_hd(shop, call)); }},
    Route{"POST", "/api/v1/veo/get-4k-video", "veo", documented, true, asked_4k},
    Route{"GET", "/api/v1/veo/get-4k-video", "veo", seed, true, asked_4k},
};

}  // namespace

const FamilyTable& veo_table() {
    static constexpr FamilyTable table{"veo", routes, callback};
    return table;
}

}  // namespace genq::sandbox
