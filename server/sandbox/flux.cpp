#include <array>

#include "server/sandbox/families.hpp"
#include "server/sandbox/limits.hpp"

// Flux Kontext (docs.kie.ai, flux-kontext-api/*).
namespace genq::sandbox {
namespace {

namespace json = boost::json;

Answer<json::value> create(Workshop& shop, Call& call) {
    const auto& body = call.body;
    if (auto there = require(body, {"prompt"}); !there) return std::unexpected(there.error());
    if (const auto fault = input_fault("flux", body); !fault.empty()) return refuse(422, fault);
    auto model = text_at(body, "model");
    if (model.empty()) model = "flux-kontext-pro";
    if (model != "flux-kontext-pro" && model != "flux-kontext-max") return refuse(422, "model is not supported");
    const auto format = text_at(body, "outputFormat");
    if (!format.empty() && format != "jpeg" && format != "png") {
        return refuse(422, "outputFormat has to be jpeg or png");
    }
    const auto kind = format == "png" ? MediaKind::png : MediaKind::jpeg;
    const bool max = model == "flux-kontext-max";
    const auto tolerance = number_at(body, "safetyTolerance").value_or(2);
    const bool out_of_range = tolerance < 0 || tolerance > (is_filled(body, "inputImage") ? 2 : 6);
    return created(
        shop.start({.family = "flux",
                    .model = model,
                    .prompt = text_at(body, "prompt"),
                    .files = {kind, kind},  // the result and the provider's own copy
                    .seconds = max ? std::pair{10.0, 15.0} : std::pair{5.0, 10.0},
                    .price = max ? 10.0 : 5.0,
                    .create_failure =
                        out_of_range ? "The security tolerance level is out of range and should be 0-2 or 0-6." : ""},
                   call));
}

Answer<json::value> poll(Workshop& shop, Call& call) {
    const auto asked = shop.asked(call, "flux");
    if (!asked) return std::unexpected(asked.error());
    const Task& task = **asked;
    const auto phase = task.phase(call.now.steady);
    json::value response = nullptr;
    if (phase == Phase::done) {
        response = json::object{{"originImageUrl", task.no_result ? "" : shop.file_url(task, 1, call)},
                                {"resultImageUrl", task.no_result ? "" : shop.file_url(task, 0, call)}};
    }
    const int failed_flag = task.fate == Fate::create_failure ? 2 : 3;
    return json::object{{"taskId", task.id},
                        {"paramJson", body_text(task)},
                        {"completeTime", complete_time(task, phase, iso_time)},
                        {"response", std::move(response)},
                        {"successFlag", phase == Phase::done     ? 1
                                        : phase == Phase::failed ? failed_flag
                                                                 : 0},
                        {"errorCode", error_code_of(task, phase)},
                        {"errorMessage", phase == Phase::failed ? task.fail_message : ""},
                        {"createTime", iso_time(task.created.wall)}};
}

json::object callback(Workshop& shop, const Task& task, const Call& call, CallbackPoint) {
    const bool done = task.fate == Fate::success && !task.no_result;
    json::object data{{"taskId", task.id},
                      {"info", json::object{{"originImageUrl", done ? shop.file_url(task, 1, call) : ""},
                                            {"resultImageUrl", done ? shop.file_url(task, 0, call) : ""}}}};
    if (task.fate != Fate::success) return envelope(refuse(task.fail_code, task.fail_message, std::move(data)));
    auto body = envelope(json::value(std::move(data)));
    body["msg"] = "BFL image generated successfully.";
    return body;
}

constexpr std::array routes{
    Route{"POST", "/api/v1/flux/kontext/generate", "flux", Variant::both, true,
          [](Workshop& shop, Call& call) { return envelope(create(shop, call)); }},
    Route{"GET", "/api/v1/flux/kontext/record-info", "flux", Variant::both, false,
          [](Workshop& shop, Call& call) { return envelope(poll(shop, call)); }},
};

}  // namespace

const FamilyTable& flux_table() {
    static constexpr FamilyTable table{"flux", routes, callback};
    return table;
}

}  // namespace genq::sandbox
