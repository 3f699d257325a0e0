#include <array>
#include <boost/json/array.hpp>

#include "common/core/rfc3339.hpp"
#include "server/sandbox/families.hpp"

// Luma Modify (docs.kie.ai, luma-api/*, pages of 2025 and early 2026).
namespace genq::sandbox {
namespace {

namespace json = boost::json;

Answer<json::value> create(Workshop& shop, Call& call) {
    if (auto there = require(call.body, {"prompt", "videoUrl"}); !there) return std::unexpected(there.error());
    return created(shop.start({.family = "luma",
                               .model = "luma",
                               .prompt = text_at(call.body, "prompt"),
                               .files = {MediaKind::mp4},
                               .seconds = {120, 300},
                               .price = 80},
                              call));
}

// Flag 4: the result is good, only the callback could not be delivered.
Answer<json::value> poll(Workshop& shop, Call& call) {
    const auto asked = shop.asked(call, "luma");
    if (!asked) return std::unexpected(asked.error());
    const Task& task = **asked;
    const auto phase = task.phase(call.now.steady);
    const bool done = phase == Phase::done;
    const bool failed = phase == Phase::failed;
    json::value response = nullptr;
    if (done) {
        response = json::object{{"taskId", task.id},
                                {"originUrls", json::array(1, json::value(text_at(task.body, "videoUrl")))},
                                {"resultUrls", shop.file_urls(task, 0, 1, call)}};
    }
    return json::object{{"taskId", task.id},
                        {"paramJson", body_text(task)},
                        {"completeTime", done ? json::value(to_ms(task.ends_wall())) : json::value(nullptr)},
                        {"response", std::move(response)},
                        {"successFlag", done     ? (task.callback_failed ? 4 : 1)
                                        : failed ? 3
                                                 : 0},
                        {"createTime", to_ms(task.created.wall)},
                        {"errorCode", error_code_of(task, phase)},
                        {"errorMessage", failed ? json::value(task.fail_message) : json::value(nullptr)}};
}

json::object callback(Workshop& shop, const Task& task, const Call& call, CallbackPoint) {
    const bool done = task.fate == Fate::success;
    json::object data{{"taskId", task.id},
                      {"promptJson", body_text(task)},
                      {"resultUrls", done ? shop.file_urls(task, 0, 1, call) : json::array()}};
    if (!done) return envelope(refuse(500, "Modify record generation failed.", std::move(data)));
    auto body = envelope(json::value(std::move(data)));
    body["msg"] = "Modify record generated successfully.";
    return body;
}

constexpr std::array routes{
    Route{"POST", "/api/v1/modify/generate", "luma", Variant::both, true,
          [](Workshop& shop, Call& call) { return envelope(create(shop, call)); }},
    Route{"GET", "/api/v1/modify/record-info", "luma", Variant::both, false,
          [](Workshop& shop, Call& call) { return envelope(poll(shop, call)); }},
};

}  // namespace

const FamilyTable& luma_table() {
    static constexpr FamilyTable table{"luma", routes, callback};
    return table;
}

}  // namespace genq::sandbox
