// veo/1080p and veo/4k: one request, again and again, makes the upgrade of a finished video and asks for it.
#include <fmt/format.h>

#include "tests/sim/kie.hpp"
#include "tests/sim/kie_answers.hpp"

namespace genq::sim {

using namespace std::chrono_literals;

std::string Kie::upgrade_of(const std::string& path) {
    if (path == "/api/v1/veo/get-1080p-video") return "veo-1080p";
    return path == "/api/v1/veo/get-4k-video" ? "veo-4k" : "";
}

std::string Kie::upgrade_key(const std::string& family, const std::string& target, const std::string& body) {
    if (family == "veo-1080p") return family + target.substr(target.find('?'));
    const auto index = body.find(R"("index":)");
    return fmt::format("{} {} {}", family, text_after(body, R"("taskId":")"),
                       index == std::string::npos ? "0" : body.substr(index + 8, 1));
}

http::ClientResponse Kie::upgrade(const std::string& family, const std::string& key, const std::string& request) {
    const auto found = upgrades_.find(key);
    if (found != upgrades_.end()) return ask_upgrade(tasks_.at(found->second));
    Order* order = ledger_.find(order_in(key));
    require(order != nullptr, "every_create_is_somebodys", "an upgrade for nobody's job: {}", request);
    if (auto refused = refusal_of_all()) return std::move(*refused);
    if (!weather_.calm() && dice_.chance(0.04)) return refusal_of_a_create(*order);
    const bool free = family == "veo-1080p";
    if (!free) pay(*order);
    // A 4K task has an id of its own or goes by its video's; the pages leave that open.
    std::string id = !free && dice_.chance(0.5) ? text_after(request, R"("taskId":")") : "";
    if (id.empty()) id = fmt::format("task_{}", next_task_++);
    Task& task = make_task(*order, family, request, std::move(id));
    task.asked = clock_.now();
    upgrades_.emplace(key, task.id);
    if (on_task) on_task(task.id);
    // Accepted in one of two ways: a 200 without results, or at once the words for work that goes on.
    return answer(record(task, free || dice_.chance(0.5) ? "processing" : "accepted"));
}

http::ClientResponse Kie::ask_upgrade(Task& task) {
    const SteadyTime now = clock_.now();
    // As far as no call came in between and nothing was lost, also of what was under way when the faults ended; less
    // what the network may take off.
    task.calm_looks += weather_.calm() ? 1 : 0;
    require(task.calm_looks < 3 || !task.callback_url.empty() || now - task.asked >= 29'800ms,
            "an_upgrade_is_asked_for_slowly", "{} was asked for again after {} ms", task.id, (now - task.asked) / 1ms);
    task.asked = now;
    if (!weather_.calm() && dice_.chance(0.02)) {
        ledger_.fault("query refused 500");
        if (Order* order = ledger_.find(task.order)) ++order->server_errors;
        return envelope(500, "Server Error");
    }
    if (now < task.done) return answer(record(task, "processing"));
    if (task.fails) {
        tell_failure(task);
        // To a create as much as to a query.
        if (Order* order = ledger_.find(task.order)) ++order->rejections;
        return envelope(422, "This version of the video is unavailable. Please try a different video.");
    }
    return answer(record(task, task.family == "veo-4k" ? "ready" : "success"));
}

}  // namespace genq::sim
