#include <array>

#include "server/sandbox/families.hpp"
#include "server/sandbox/limits.hpp"
#include "server/sandbox/runway.hpp"

// Runway Aleph, video to video (docs.kie.ai, runway-api/generate-aleph-video, get-aleph-video-details). The older
// public text has it under Runway's paths.
namespace genq::sandbox {
namespace {

namespace json = boost::json;

constexpr std::size_t video = 0;
constexpr std::size_t cover = 1;

Answer<json::value> create(Workshop& shop, Call& call) {
    if (auto there = require(call.body, {"prompt", "videoUrl"}); !there) return std::unexpected(there.error());
    if (const auto fault = input_fault("aleph", call.body); !fault.empty()) return refuse(422, fault);
    return created(shop.start({.family = "aleph",
                               .model = "aleph",
                               .prompt = text_at(call.body, "prompt"),
                               .files = {MediaKind::mp4, MediaKind::png},
                               .seconds = {60, 180},
                               .price = 110},
                              call));
}

// One flag for all that is not done: only the error code tells failed from running.
Answer<json::value> poll(Workshop& shop, Call& call) {
    const auto asked = shop.asked(call, "aleph");
    if (!asked) return std::unexpected(asked.error());
    const Task& task = **asked;
    const auto phase = task.phase(call.now.steady);
    const bool failed = phase == Phase::failed;
    json::value response = nullptr;
    if (phase == Phase::done) {
        response = json::object{{"taskId", task.id},
                                {"resultVideoUrl", task.no_result ? "" : shop.file_url(task, video, call)},
                                {"resultImageUrl", task.no_result ? "" : shop.file_url(task, cover, call)}};
    }
    return json::object{{"taskId", task.id},
                        {"paramJson", body_text(task)},
                        {"response", std::move(response)},
                        {"completeTime", complete_time(task, phase, iso_time)},
                        {"createTime", iso_time(task.created.wall)},
                        {"successFlag", phase == Phase::done ? 1 : 0},
                        {"errorCode", failed ? task.fail_code : 0},
                        {"errorMessage", failed ? task.fail_message : ""}};
}

// The task's id stands beside `data`, not in it.
json::object callback(Workshop& shop, const Task& task, const Call& call, CallbackPoint) {
    json::object body;
    if (task.fate != Fate::success) {
        body = envelope(refuse(task.fail_code, task.fail_message));
    } else {
        const bool filled = !task.no_result;
        body = envelope(json::object{{"result_video_url", filled ? shop.file_url(task, video, call) : ""},
                                     {"result_image_url", filled ? shop.file_url(task, cover, call) : ""}});
    }
    body["taskId"] = task.id;
    return body;
}

constexpr auto created_by = [](Workshop& shop, Call& call) { return envelope(create(shop, call)); };
constexpr std::array routes{
    Route{"POST", "/api/v1/aleph/generate", "aleph", Variant::documented, true, created_by},
    Route{"POST", "/api/v1/runway/generate/aleph", "aleph", Variant::seed, true, created_by},
    Route{"GET", "/api/v1/aleph/record-info", "aleph", Variant::documented, false,
          [](Workshop& shop, Call& call) { return envelope(poll(shop, call)); }},
};

}  // namespace

const FamilyTable& aleph_table() {
    static constexpr FamilyTable table{"aleph", routes, callback};
    return table;
}

}  // namespace genq::sandbox
