#include <fmt/format.h>

#include <array>
#include <boost/json/array.hpp>

#include "common/core/rfc3339.hpp"
#include "server/sandbox/families.hpp"

// 4o Image (docs.kie.ai, 4o-image-api/*).
namespace genq::sandbox {
namespace {

namespace json = boost::json;

Answer<json::value> create(Workshop& shop, Call& call) {
    const auto& body = call.body;
    if (auto there = require(body, {"size"}); !there) return std::unexpected(there.error());
    const auto size = text_at(body, "size");
    if (size != "1:1" && size != "3:2" && size != "2:3") return refuse(422, "size has to be 1:1, 3:2 or 2:3");
    const auto pictures = texts_at(body, "filesUrl");
    const auto prompt = text_at(body, "prompt");
    if (prompt.empty() && pictures.empty() && text_at(body, "fileUrl").empty()) {
        return refuse(422, "prompt or filesUrl is required");
    }
    if (pictures.size() > 5) return refuse(422, "filesUrl takes at most 5 images");
    const auto count = number_at(body, "nVariants").value_or(1);
    if (count != 1 && count != 2 && count != 4) return refuse(422, "nVariants has to be 1, 2 or 4");
    return created(shop.start({.family = "gpt4o",
                               .model = "gpt4o-image",
                               .prompt = prompt.empty() && !pictures.empty() ? pictures.front() : prompt,
                               .files = std::vector<MediaKind>(static_cast<std::size_t>(count), MediaKind::png),
                               .seconds = {10, 20},
                               .price = 6.0 * static_cast<double>(count),
                               .id_prefix = ""},
                              call));
}

Answer<json::value> poll(Workshop& shop, Call& call) {
    const auto asked = shop.asked(call, "gpt4o");
    if (!asked) return std::unexpected(asked.error());
    const Task& task = **asked;
    const auto phase = task.phase(call.now.steady);
    const bool done = phase == Phase::done;
    const bool failed = phase == Phase::failed;
    json::value response = nullptr;
    if (done) response = json::object{{"resultUrls", shop.file_urls(task, 0, task.files.size(), call)}};
    return json::object{{"taskId", task.id},
                        {"paramJson", body_text(task)},
                        {"completeTime", done || failed ? json::value(to_ms(task.ends_wall())) : json::value(nullptr)},
                        {"response", std::move(response)},
                        {"successFlag", done     ? 1
                                        : failed ? 2
                                                 : 0},
                        {"status", done     ? "SUCCESS"
                                   : failed ? "GENERATE_FAILED"
                                            : "GENERATING"},
                        {"errorCode", error_code_of(task, phase)},
                        {"errorMessage", failed ? json::value(task.fail_message)
                                         : done ? json::value("")
                                                : json::value(nullptr)},
                        {"createTime", to_ms(task.created.wall)},
                        {"progress", fmt::format("{:.2f}", failed ? 0.0 : task.share(call.now.steady))}};
}

// A direct link to a result, good for twenty minutes.
Answer<json::value> download_url(Workshop& shop, Call& call) {
    if (auto there = require(call.body, {"taskId", "url"}); !there) return std::unexpected(there.error());
    const auto* task = shop.find(text_at(call.body, "taskId"));
    if (task == nullptr || task->family != "gpt4o") return refuse(422, "The record does not exist");
    if (task->phase(call.now.steady) != Phase::done) return refuse(422, "The record is not successful");
    const auto url = text_at(call.body, "url");
    for (std::size_t index = 0; index < task->files.size(); ++index) {
        if (url.find(fmt::format("/media/{}/{}.", task->id, index)) != std::string::npos) {
            return json::value(shop.file_url(*task, index, call));
        }
    }
    return refuse(422, "The url is not a result of this task");
}

json::object callback(Workshop& shop, const Task& task, const Call& call, CallbackPoint) {
    json::object data{{"taskId", task.id}};
    if (task.fate != Fate::success) {
        data["info"] = nullptr;
        return envelope(refuse(task.fail_code, task.fail_message, std::move(data)));
    }
    data["info"] = json::object{{"result_urls", shop.file_urls(task, 0, task.files.size(), call)}};
    return envelope(json::value(std::move(data)));
}

constexpr std::array routes{
    Route{"POST", "/api/v1/gpt4o-image/generate", "gpt4o", Variant::both, true,
          [](Workshop& shop, Call& call) { return envelope(create(shop, call)); }},
    Route{"GET", "/api/v1/gpt4o-image/record-info", "gpt4o", Variant::both, false,
          [](Workshop& shop, Call& call) { return envelope(poll(shop, call)); }},
    Route{"POST", "/api/v1/gpt4o-image/download-url", "gpt4o", Variant::both, false,
          [](Workshop& shop, Call& call) { return envelope(download_url(shop, call)); }},
};

}  // namespace

const FamilyTable& gpt4o_table() {
    static constexpr FamilyTable table{"gpt4o", routes, callback};
    return table;
}

}  // namespace genq::sandbox
