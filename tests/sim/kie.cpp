#include "tests/sim/kie.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "tests/sim/kie_answers.hpp"

namespace genq::sim {

using namespace std::chrono_literals;

namespace {

constexpr double price = 8;

/// kie.ai's families by the path of their creates, as the samples name them.
std::string family_of(const std::string& path) {
    static const std::map<std::string, std::string> families{{"/api/v1/jobs/createTask", "market"},
                                                             {"/api/v1/gpt4o-image/generate", "gpt4o"},
                                                             {"/api/v1/flux/kontext/generate", "flux"},
                                                             {"/api/v1/veo/generate", "veo"},
                                                             {"/api/v1/runway/generate", "runway"},
                                                             {"/api/v1/aleph/generate", "aleph"},
                                                             {"/api/v1/runway/generate/aleph", "aleph"},
                                                             {"/api/v1/generate", "suno"},
                                                             {"/api/v1/mj/generate", "mj"},
                                                             {"/api/v1/modify/generate", "luma"}};
    const auto found = families.find(path);
    return found == families.end() ? std::string() : found->second;
}

std::string path_of(const http::ClientRequest& request) {
    const auto begin = request.url.find('/', std::string_view("https://").size());
    return request.url.substr(begin);
}

}  // namespace

bool is_create(const http::ClientRequest& request) {
    return request.method == "POST" && !request.url.contains("/common/download-url");
}

Kie::Kie(test::FakeClock& clock, Dice& dice, Weather& weather, Ledger& ledger, Settings settings)
    : clock_(clock), dice_(dice), weather_(weather), ledger_(ledger), settings_(settings), samples_(read_samples()) {}

void Kie::check_limit(std::deque<SteadyTime>& times, std::size_t most, std::chrono::milliseconds span,
                      const char* what) const {
    const SteadyTime now = clock_.now();
    while (!times.empty() && now - times.front() >= span) times.pop_front();
    times.push_back(now);
    require(times.size() <= most, "no_window_holds_more_than_the_limit", "{} {} arrived within {} ms", times.size(),
            what, span.count());
}

void Kie::count(bool create, bool upgrade) {
    if (create) {
        ++ledger_.creates;
    } else {
        ++ledger_.queries;
    }
    if (create || !settings_.limit_creates_only) {
        check_limit(ours_, limit, window, "requests");
    } else if (!upgrade) {
        // (The pages set no limit of its own to an upgrade that is asked for again.)
        check_limit(our_queries_, 10, 1s, "queries");
    }
}

bool Kie::over_limit(bool create) {
    if (!create && settings_.limit_creates_only) return false;
    const SteadyTime now = clock_.now();
    while (!accepted_.empty() && now - accepted_.front() >= window) accepted_.pop_front();
    if (accepted_.size() >= limit) return true;
    accepted_.push_back(now);
    return false;
}

void Kie::stranger_asks() {
    (void)over_limit(true);
}

http::ClientResponse Kie::arrive(const http::ClientRequest& request) {
    const std::string target = path_of(request);
    const std::string path = target.substr(0, target.find('?'));
    const std::string upgraded = upgrade_of(path);
    const std::string key = upgraded.empty() ? "" : upgrade_key(upgraded, target, request.body);
    // Of an upgrade's requests the one that makes a task is a create.
    const bool create_request = is_create(request) && !upgrades_.contains(key);
    if (upgraded == "veo-1080p") ++ledger_.looks_at_1080p;
    ledger_.note(fmt::format("{} {} {}", clock_.now().time_since_epoch().count(), target, request.body));
    count(create_request, !upgraded.empty());
    require(request.headers.get("Authorization") == "Bearer sim-key", "the_key_goes_along", "{} came without the key",
            path);
    if (weather_.on(Spell::client_refused)) return answer("<html>error code: 1010</html>", 403);
    if (weather_.on(Spell::bad_key)) {
        if (dice_.chance(0.3)) return envelope(403, "Your IP address is not on the key's whitelist");
        return dice_.chance(0.5) ? envelope(401, "You do not have access permissions")
                                 : answer(R"({"code":401,"msg":"Unauthorized"})", 401);
    }
    if (over_limit(create_request)) {
        ledger_.fault("429 for a stranger's requests");
        auto refused = envelope(429, "Your call frequency is too high. Please try again later.");
        if (dice_.chance(0.3)) {
            refused.status = 429;
            if (dice_.chance(0.5)) refused.headers.set("Retry-After", "15");
        }
        return refused;
    }
    if (weather_.on(Spell::server_errors) && dice_.chance(0.8)) {
        Order* order = ledger_.find(order_in(upgraded.empty() ? request.body : key));
        if (order != nullptr && (create_request || !upgraded.empty())) ++order->server_errors;
        return envelope(500, "Server Error - An unexpected error occurred while processing the request");
    }
    if (path == "/api/v1/chat/credit") {
        return answer(fmt::format(R"({{"code":200,"msg":"success","data":{:.1f}}})", settings_.credits));
    }
    if (path == "/api/v1/common/download-url") {
        const auto url = request.body.find(media_host);
        if (url == std::string::npos) return envelope(422, "not ours");
        const std::string dead = request.body.substr(url, request.body.find('"', url) - url);
        return answer(
            fmt::format(R"({{"code":200,"msg":"success","data":"{}?fresh=1"}})", dead.substr(0, dead.find('?'))));
    }
    if (!upgraded.empty()) return upgrade(upgraded, key, upgraded == "veo-4k" ? request.body : target);
    if (create_request) return create(request, path);
    const auto id = target.find("taskId=");
    return id == std::string::npos ? envelope(404, "Not Found") : query(target.substr(id + 7));
}

http::ClientResponse Kie::refusal_of_a_create(Order& order) {
    struct Refusal {
        int code;
        const char* message;
        bool final;  // the job's own fault
        bool counts;
    };
    static constexpr std::array refusals{
        Refusal{400, "Bad Request", true, false},
        Refusal{422, "Validation Error - prompt is too long", true, false},
        Refusal{451, "Unauthorized - Failed to fetch the image", true, false},
        Refusal{505, "Feature Disabled - The requested feature is currently disabled", true, false},
        Refusal{500, "This field is required", true, false},
        Refusal{404, "The requested model does not exist", true, false},
        Refusal{429, "Your call frequency is too high. Please try again later.", false, false},
        Refusal{430, "Concurrency limit", false, false},
        Refusal{550, "Connection Denied - Task was rejected due to a full queue", false, false},
        Refusal{429, "Insufficient credits to run this model", false, false},
        Refusal{500, "Server Error - An unexpected error occurred while processing the request", false, true},
        Refusal{502, "upstream error", false, true},
    };
    const Refusal& refusal = dice_.pick(std::span<const Refusal>(refusals));
    ledger_.fault(fmt::format("create refused {}{}", refusal.code, refusal.final ? ", final" : ""));
    if (refusal.final) ++order.rejections;
    if (refusal.counts) ++order.server_errors;
    auto response = envelope(refusal.code, refusal.message);
    if (dice_.chance(0.3)) response.status = refusal.code;
    return response;
}

http::ClientResponse Kie::create(const http::ClientRequest& request, const std::string& path) {
    const std::string family = family_of(path);
    if (family.empty()) return answer("", 404);
    if (family == "aleph" && settings_.aleph_moved && path == "/api/v1/aleph/generate") {
        ledger_.fault("endpoint has moved");
        return dice_.chance(0.5) ? envelope(404, "Not Found") : answer("", 405);
    }
    if (family == "suno" && !request.body.contains("callBackUrl")) return envelope(422, "callBackUrl is required");
    Order* order = ledger_.find(order_in(request.body));
    require(order != nullptr, "every_create_is_somebodys", "a create for nobody's job: {}", request.body);
    references_are_resolved(*order, request.body);
    if (auto refused = refusal_of_all()) return std::move(*refused);
    if (!weather_.calm() && dice_.chance(0.04)) return refusal_of_a_create(*order);
    pay(*order);
    const std::string id = make_task(*order, family, request.body, fmt::format("task_{}", next_task_++)).id;
    if (on_task) on_task(id);
    return answer(fmt::format(R"({{"code":200,"msg":"success","data":{{"taskId":"{}"}}}})", id));
}

std::optional<http::ClientResponse> Kie::refusal_of_all() {
    if (weather_.on(Spell::maintenance)) return envelope(455, "Service Unavailable - maintenance");
    if (weather_.on(Spell::own_cap)) return envelope(433, "Request Limit - Sub-key Usage Exceeds Limit");
    if (weather_.on(Spell::no_credits) || settings_.credits < price) {
        return envelope(402, "Insufficient Credits - Account does not have enough credits");
    }
    return std::nullopt;
}

void Kie::references_are_resolved(const Order& order, const std::string& body) const {
    const char* check = "a_job_waits_for_those_it_refers_to";
    for (const int number : order.refers_to) {
        const Order& other = ledger_.orders.at(number);
        require(other.seen == JobStatus::succeeded, check, "order {} is created before order {} has succeeded",
                order.number, number);
        require(body.contains('"' + other.task_id + '"') && !body.contains("genqd:"), check,
                "order {} does not name the task of order {}: {}", order.number, number, body);
    }
}

void Kie::pay(Order& order) {
    settings_.credits -= price;
    ++order.tasks;
    ++ledger_.tasks;
    // A task that failed is not paid for; a new one for it is the caller's opt-in all the same.
    const int allowed = 1 + order.resubmits + (ledger_.lost_are_sent_again ? order.lost_answers : 0) +
                        std::min(order.failed_tasks, (1 + order.resubmits) * order.job.generation_retries);
    require(order.tasks <= allowed, "no_job_is_paid_for_twice", "order {} has {} tasks, {} were asked for",
            order.number, order.tasks, allowed);
}

Kie::Task& Kie::make_task(Order& order, const std::string& family, const std::string& create, std::string id) {
    Task task;
    task.id = std::move(id);
    task.family = family;
    task.order = order.number;
    task.made = clock_.now();
    task.create = create;
    task.callback_url = text_after(create, R"("callBackUrl":")");
    task.visible = task.made + (dice_.chance(0.15) ? dice_.between(0s, 60s) : 0ms);
    task.done = task.made + dice_.heavy(4s, 20min);
    task.urls_expire = SteadyTime::max();
    if (!weather_.calm()) {
        task.fails = dice_.chance(0.06);
        task.passing = dice_.chance(0.5);
        if (dice_.chance(0.01)) task.done = SteadyTime::max(), ledger_.fault("task stuck");
        if (dice_.chance(0.005) && !family.starts_with("veo-")) {
            task.vanished = true, ++order.failed_tasks, ledger_.fault("task lost by kie.ai");
        }
        if (dice_.chance(0.03)) task.empty_answers = 1 + dice_.below(6), ledger_.fault("success without a result");
        if (dice_.chance(0.05)) {
            const auto after = dice_.between(1s, 30s);
            if (task.done != SteadyTime::max()) task.urls_expire = task.done + after;
            ledger_.fault("URLs expire");
        }
        if (dice_.chance(0.005)) task.gone = order.media_gone = true, ledger_.fault("outputs gone");
        if (task.fails) ledger_.fault("task fails");
    }
    const std::string key = task.id;
    return tasks_.emplace(key, std::move(task)).first->second;
}

void Kie::tell_failure(Task& task) {
    if (std::exchange(task.failure_told, true)) return;
    if (Order* order = ledger_.find(task.order)) ++order->failed_tasks;
    if (task.family != "veo-1080p") settings_.credits += price;
}

http::ClientResponse Kie::query(const std::string& task_id) {
    const auto found = tasks_.find(task_id);
    if (found == tasks_.end()) return envelope(422, "recordInfo is null");
    Task& task = found->second;
    const SteadyTime now = clock_.now();
    if (task.vanished || now < task.visible) {
        ledger_.fault("task not visible");
        return dice_.chance(0.8) ? envelope(422, "recordInfo is null") : envelope(200, "success");
    }
    if (!weather_.calm() && dice_.chance(0.02)) {
        ledger_.fault("query refused 500");
        return envelope(500, "Server Error");
    }
    if (now < task.done) {
        const bool first =
            task.family == "suno" && task.done != SteadyTime::max() && now > task.made + (task.done - task.made) / 2;
        return answer(record(task, first ? "first-success" : "pending"));
    }
    if (task.fails) {
        tell_failure(task);
        return answer(failure_body(task, "fail"));
    }
    if (task.empty_answers > 0 && task.family == "market") {
        if (--task.empty_answers == 0) return answer(record(task, "success"));
        if (Order* order = ledger_.find(task.order)) order->no_result = true;
        return answer(record(task, "success-empty"));
    }
    return answer(record(task, "success"));
}

}  // namespace genq::sim
