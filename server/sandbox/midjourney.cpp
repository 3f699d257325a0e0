#include <algorithm>
#include <array>
#include <boost/json/array.hpp>

#include "server/sandbox/families.hpp"
#include "server/sandbox/limits.hpp"

// Midjourney (docs.kie.ai, mj-api/*, pages of 2025).
namespace genq::sandbox {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 6> task_types{"mj_txt2img",        "mj_img2img", "mj_style_reference",
                                                     "mj_omni_reference", "mj_video",   "mj_video_hd"};

bool is_video(std::string_view type) {
    return type.starts_with("mj_video");
}

std::pair<double, double> seconds_of(std::string_view type, std::string_view speed) {
    if (is_video(type)) return {60, 300};
    if (speed == "relaxed") return {120, 300};
    if (speed == "turbo") return {15, 30};
    return {30, 60};
}

double price_of(std::string_view type, std::string_view speed) {
    if (is_video(type)) return 60;
    if (speed == "relaxed") return 3;
    return speed == "turbo" ? 16 : 8;
}

Answer<json::value> create(Workshop& shop, Call& call) {
    const auto& body = call.body;
    if (auto there = require(body, {"taskType", "prompt"}); !there) return std::unexpected(there.error());
    const auto type = text_at(body, "taskType");
    if (std::ranges::find(task_types, type) == task_types.end()) return refuse(422, "taskType is not supported");
    if (const auto fault = input_fault("midjourney", body); !fault.empty()) return refuse(422, fault);
    const auto prompt = text_at(body, "prompt");
    auto pictures = texts_at(body, "fileUrls");
    if (pictures.empty()) pictures = texts_at(body, "fileUrl");
    if (type != "mj_txt2img" && pictures.empty()) return refuse(422, "fileUrls is required");
    if (is_video(type) && pictures.size() != 1) return refuse(422, "fileUrls takes exactly one image for a video");
    const auto speed = text_at(body, "speed");
    if (!speed.empty() && speed != "relaxed" && speed != "fast" && speed != "turbo") {
        return refuse(422, "speed has to be relaxed, fast or turbo");
    }
    const auto videos = number_at(body, "videoBatchSize").value_or(1);
    if (is_video(type) && videos != 1 && videos != 2 && videos != 4) {
        return refuse(422, "videoBatchSize has to be 1, 2 or 4");
    }
    return created(shop.start({.family = "midjourney",
                               .model = type,
                               .prompt = prompt,
                               .files = is_video(type) ? std::vector(static_cast<std::size_t>(videos), MediaKind::mp4)
                                                       : std::vector(4, MediaKind::jpeg),
                               .seconds = seconds_of(type, speed),
                               .price = price_of(type, speed),
                               .id_prefix = "mj_task_"},
                              call));
}

Answer<json::value> poll(Workshop& shop, Call& call) {
    const auto asked = shop.asked(call, "midjourney");
    if (!asked) return std::unexpected(asked.error());
    const Task& task = **asked;
    const auto phase = task.phase(call.now.steady);
    const bool done = phase == Phase::done;
    const bool failed = phase == Phase::failed;
    json::value info = nullptr;
    if (done) {
        json::array urls;
        for (const auto& url : shop.file_urls(task, 0, task.files.size(), call)) {
            urls.push_back(json::object{{"resultUrl", url}});
        }
        info = json::object{{"resultUrls", std::move(urls)}};
    }
    return json::object{{"taskId", task.id},
                        {"taskType", task.model},
                        {"paramJson", body_text(task)},
                        {"completeTime", done ? json::value(iso_time(task.ends_wall())) : json::value(nullptr)},
                        {"resultInfoJson", std::move(info)},
                        {"successFlag", done     ? 1
                                        : failed ? 3
                                                 : 0},
                        {"createTime", iso_time(task.created.wall)},
                        {"errorCode", error_code_of(task, phase)},
                        {"errorMessage", failed ? json::value(task.fail_message) : json::value(nullptr)}};
}

// Plain strings here, unlike the poll.
json::object callback(Workshop& shop, const Task& task, const Call& call, CallbackPoint) {
    const bool done = task.fate == Fate::success;
    json::object data{{"taskId", task.id},
                      {"promptJson", body_text(task)},
                      {"resultUrls", done ? shop.file_urls(task, 0, task.files.size(), call) : json::array()}};
    if (!done) return envelope(refuse(task.fail_code, task.fail_message, std::move(data)));
    return envelope(json::value(std::move(data)));
}

constexpr std::array routes{
    Route{"POST", "/api/v1/mj/generate", "midjourney", Variant::both, true,
          [](Workshop& shop, Call& call) { return envelope(create(shop, call)); }},
    Route{"GET", "/api/v1/mj/record-info", "midjourney", Variant::both, false,
          [](Workshop& shop, Call& call) { return envelope(poll(shop, call)); }},
};

}  // namespace

const FamilyTable& midjourney_table() {
    static constexpr FamilyTable table{"midjourney", routes, callback};
    return table;
}

}  // namespace genq::sandbox
