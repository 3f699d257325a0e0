#include "server/sandbox/service.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "common/core/check.hpp"
#include "common/crypto/hmac.hpp"
#include "server/sandbox/families.hpp"
#include "server/sandbox/media_server.hpp"

namespace genq::sandbox {
namespace {

namespace json = boost::json;

Reply json_reply(const json::value& body, int status = 200) {
    Reply reply;
    reply.response.status = status;
    reply.response.headers.set("Content-Type", "application/json");
    reply.response.body = json::serialize(body);
    return reply;
}

Reply refusal(int code, std::string msg, int status = 200) {
    return json_reply(json::object{{"code", code}, {"msg", std::move(msg)}, {"data", nullptr}}, status);
}

std::string path_of(const http::Request& request) {
    return request.target.substr(0, request.target.find('?'));
}

bool is_multipart(const http::Request& request) {
    return request.headers.get("Content-Type").starts_with("multipart/form-data");
}

// The body of a POST as an object; nullopt when it is none.
std::optional<json::object> read_body(const http::Request& request) {
    if (request.method != "POST" || is_multipart(request)) return json::object();
    boost::system::error_code error;
    auto value = json::parse(request.body, error);
    if (error || !value.is_object()) return std::nullopt;
    return std::move(value.as_object());
}

// What a fault's `model` is compared with: the body's, or that of the task asked for.
std::string model_of(Workshop& shop, const http::Target& target, const json::object& body) {
    for (const auto* key : {"model", "taskType"}) {
        if (auto model = text_at(body, key); !model.empty()) return model;
    }
    const auto* task = shop.find(target.find("taskId").value_or(""));
    return task == nullptr ? "" : task->model;
}

// A fault that keeps the request from being carried out.
std::optional<Reply> instead(const Fault& fault) {
    if (fault.action == FaultAction::reset_before) {
        Reply reply;
        reply.response.abort = true;
        return reply;
    }
    if (fault.action == FaultAction::code) return refusal(fault.code, fault.msg);
    if (fault.action != FaultAction::status) return std::nullopt;
    Reply reply;
    reply.response.status = fault.status;
    reply.response.headers.set("Content-Type", fault.body.starts_with('{') ? "application/json" : "text/plain");
    reply.response.body = fault.body;
    return reply;
}

// A fault that spoils the answer to a request that was carried out.
void spoil(Reply& reply, const Fault& fault) {
    if (fault.action == FaultAction::reset_after) reply.response.abort = true;
    if (fault.action == FaultAction::hang) reply.hang = true;
    if (fault.action == FaultAction::delay_ms) reply.delay = fault.ms;
    if (fault.action == FaultAction::empty) reply.response.body = std::string();
    if (fault.action == FaultAction::html) {
        reply.response.status = 502;
        reply.response.headers.set("Content-Type", "text/html");
        reply.response.body = std::string("<html><head><title>502 Bad Gateway</title></head><body></body></html>\n");
    }
}

}  // namespace

Service::Service(Options options, Random& random, LedgerBook& ledger)
    : shop_(std::move(options), random, ledger),
      ledger_(ledger),
      arrivals_(0, shop_.options().limit_window),
      admitted_(shop_.options().limit_requests, shop_.options().limit_window) {}

Reply Service::handle(const http::Request& request, Moment now) {
    const auto target = http::split_target(request.target);
    if (!target) return refusal(400, "Bad request target", 400);
    const auto path = path_of(request);
    if (path.starts_with("/api/")) return handle_api(request, *target, now);
    if (path.starts_with("/_sandbox/")) return handle_admin(request, path);
    Reply reply;
    const bool reads = request.method == "GET" || request.method == "HEAD";
    if (reads && path.starts_with("/media/")) {
        reply.response = serve_media(shop_, request, *target, now);
    } else if (reads && path.starts_with("/files/")) {
        reply.response = serve_upload(shop_, request, *target, now);
    } else {
        reply = refusal(404, "Not Found", 404);
    }
    return reply;
}

bool Service::may_pass(const http::Request& request) const {
    constexpr std::string_view scheme = "Bearer ";
    const auto header = request.headers.get("Authorization");
    if (header.size() <= scheme.size() || !http::iequals(header.substr(0, scheme.size()), scheme)) return false;
    const auto& key = shop_.options().api_key;
    return key.empty() || crypto::constant_time_equal(header.substr(scheme.size()), key);
}

Reply Service::handle_api(const http::Request& request, const http::Target& target, Moment now) {
    const auto path = path_of(request);
    bool path_known = false;
    const auto* route = find_route(request.method, path, shop_.options().seed_variants, path_known);
    arrivals_.record(now.steady);
    // Unknown paths share one line, so that the table stays small whatever is asked for.
    ledger_.arrived(route == nullptr ? "other" : request.method + " " + path, arrivals_.largest());
    const bool limited = shop_.options().limit_all || (route != nullptr && route->creates);
    if (limited && !admitted_.admit(now.steady)) {
        ledger_.refused();
        return refusal(429, "Your call frequency is too high. Please try again later.", 429);
    }
    if (!may_pass(request)) return refusal(401, "You do not have access permissions");
    if (route == nullptr) return path_known ? refusal(405, "Method Not Allowed", 405) : refusal(404, "Not Found", 404);
    return run(*route, request, target, now, nullptr);
}

Reply Service::run(const Route& route, const http::Request& request, const http::Target& target, Moment now,
                   const Fetched* fetched) {
    const auto body = read_body(request);
    const auto path = path_of(request);
    std::optional<Fault> fault;
    if (fetched == nullptr) {
        const auto model = model_of(shop_, target, body.value_or(json::object()));
        fault = shop_.faults().take(FaultStage::request, {path, model, route.family});
    }
    if (fault) {
        if (auto reply = instead(*fault)) return std::move(*reply);
    }
    if (!body) return refusal(400, "The request body is not a JSON object");
    const auto host = request.headers.get("Host");
    Call call{request, target, path, *body, now, host.empty() ? base_url_ : "http://" + std::string(host),
              fetched, {},     ""};
    auto reply = json_reply(route.answer(shop_, call));
    reply.made = std::move(call.made);
    reply.fetch_url = std::move(call.fetch_url);
    if (fault) spoil(reply, *fault);
    return reply;
}

Reply Service::resume(const http::Request& request, const Fetched& fetched, Moment now) {
    bool path_known = false;
    const auto* route = find_route(request.method, path_of(request), shop_.options().seed_variants, path_known);
    const auto target = http::split_target(request.target);
    GENQ_CHECK(route != nullptr && target.has_value());
    return run(*route, request, *target, now, &fetched);
}

Reply Service::handle_admin(const http::Request& request, const std::string& path) {
    if (path == "/_sandbox/ledger" && request.method == "GET") return json_reply(ledger_.copy().to_json());
    if (path != "/_sandbox/faults") return refusal(404, "Not Found", 404);
    if (request.method == "GET") return json_reply(shop_.faults().to_json());
    if (request.method == "DELETE") {
        shop_.faults().clear();
        return json_reply(shop_.faults().to_json());
    }
    if (request.method != "POST") return refusal(405, "Method Not Allowed", 405);
    boost::system::error_code error;
    const auto list = json::parse(request.body, error);
    if (error) return refusal(400, "The request body is not JSON", 400);
    auto faults = parse_faults(list);
    if (!faults) return refusal(400, faults.error().detail, 400);
    shop_.faults().add(std::move(*faults));
    return json_reply(shop_.faults().to_json());
}

std::vector<CallbackStep> Service::steps(const std::string& task_id) {
    const auto* task = shop_.find(task_id);
    return task == nullptr ? std::vector<CallbackStep>() : callback_steps(*task);
}

http::ClientRequest Service::callback(const std::string& task_id, CallbackPoint point, Moment now) {
    const auto* task = shop_.find(task_id);
    GENQ_CHECK(task != nullptr);
    return callback_request(shop_, *task, point, now, base_url_);
}

void Service::callback_failed(const std::string& task_id) {
    if (auto* task = shop_.find(task_id)) task->callback_failed = true;
}

}  // namespace genq::sandbox
