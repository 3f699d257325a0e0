#include <array>
#include <boost/json/array.hpp>

#include "server/sandbox/families.hpp"

// Suno lyrics (docs.kie.ai, suno-api/generate-lyrics, get-lyrics-details): text, no file, and a poll of its own.
namespace genq::sandbox {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_prompt = 200;

Answer<json::value> create(Workshop& shop, Call& call) {
    if (auto there = require(call.body, {"prompt"}); !there) return std::unexpected(there.error());
    if (!is_filled(call.body, "callBackUrl")) return refuse(422, "Please enter callBackUrl.");
    const auto prompt = text_at(call.body, "prompt");
    if (prompt.size() > longest_prompt) return refuse(413, "The prompt is too long");
    return created(shop.start({.family = "suno",
                               .model = "lyrics",
                               .operation = "lyrics",
                               .prompt = prompt,
                               .seconds = {5, 15},
                               .price = 0.4},
                              call));
}

json::array variants(const Task& task) {
    json::array list;
    for (int number = 1; number <= 2 && !task.no_result; ++number) {
        const auto hash = label_for(task.prompt, 0).hash;
        list.push_back(json::object{{"text", "[Verse " + std::to_string(number) + "]\n" + hash + "\n[Chorus]\n" + hash},
                                    {"title", "Sandbox " + std::to_string(number)},
                                    {"status", "complete"},
                                    {"errorMessage", ""}});
    }
    return list;
}

Answer<json::value> poll(Workshop& shop, Call& call) {
    const auto asked = shop.asked(call, "suno");
    if (!asked) return std::unexpected(asked.error());
    const Task& task = **asked;
    if (task.operation != "lyrics") return refuse(404, "Task not found");
    const auto phase = task.phase(call.now.steady);
    const bool failed = phase == Phase::failed;
    json::value response = nullptr;
    if (phase == Phase::done) response = json::object{{"taskId", task.id}, {"data", variants(task)}};
    return json::object{{"taskId", task.id},
                        {"param", body_text(task)},
                        {"response", std::move(response)},
                        {"status", phase == Phase::done ? "SUCCESS"
                                   : failed             ? "GENERATE_LYRICS_FAILED"
                                                        : "PENDING"},
                        {"type", "LYRICS"},
                        {"errorCode", error_code_of(task, phase)},
                        {"errorMessage", failed ? json::value(task.fail_message) : json::value(nullptr)}};
}

json::object callback(Workshop&, const Task& task, const Call&, CallbackPoint) {
    json::object data{{"callbackType", task.fate == Fate::success ? "complete" : "error"},
                      {"task_id", task.id},
                      {"data", task.fate == Fate::success ? json::value(variants(task)) : json::value(nullptr)}};
    if (task.fate != Fate::success) return envelope(refuse(task.fail_code, task.fail_message, std::move(data)));
    return envelope(json::value(std::move(data)));
}

constexpr std::array routes{
    Route{"POST", "/api/v1/lyrics", "suno", Variant::both, true,
          [](Workshop& shop, Call& call) { return envelope(create(shop, call)); }},
    Route{"GET", "/api/v1/lyrics/record-info", "suno", Variant::both, false,
          [](Workshop& shop, Call& call) { return envelope(poll(shop, call)); }},
};

}  // namespace

const FamilyTable& lyrics_table() {
    static constexpr FamilyTable table{"lyrics", routes, callback};
    return table;
}

}  // namespace genq::sandbox
