#include "server/api/api.hpp"

#include <algorithm>
#include <boost/system/system_error.hpp>

#include "server/api/auth.hpp"
#include "server/api/core.hpp"
#include "server/api/handlers.hpp"
#include "server/api/origin.hpp"
#include "server/api/problem.hpp"
#include "server/api/query.hpp"
#include "server/api/request_body.hpp"
#include "server/api/request_context.hpp"
#include "server/api/routes.hpp"

namespace genq::api {

namespace asio = boost::asio;

struct Api::Impl {
    Impl(Services services, Options options, const Mount& mount)
        : core(std::move(services), std::move(options), mount) {}

    /// The refusal in the words of whose path it is.
    [[nodiscard]] http::Response say(const Context& context, const Problem& problem) const;

    [[nodiscard]] std::optional<http::Response> turned_away(Context& context, Match& match);
    [[nodiscard]] asio::awaitable<http::Response> answer(Context& context, Match& match);
    [[nodiscard]] asio::awaitable<http::Response> guarded(Context& context, Match& match);
    void finish(const Context& context, const Match& match, http::Response& response, SteadyTime started);
    void record(const Context& context, const Match& match, int status, SteadyTime started);

    Core core;
};

Api::Api(Services services, Options options, const Mount& mount)
    : impl_(std::make_unique<Impl>(std::move(services), std::move(options), mount)) {}

Api::~Api() = default;

http::Response Api::Impl::say(const Context& context, const Problem& problem) const {
    return core.mount.holds(context.request.target) ? core.mount.refusal(context.request.target, problem)
                                                    : to_response(problem);
}

// The answer to what no handler sees, from the header alone.
std::optional<http::Response> Api::Impl::turned_away(Context& context, Match& match) {
    if (auto target = read_target(context); !target) return say(context, target.error());
    const bool mounted = core.mount.holds(context.request.target);
    match = match_route(mounted ? core.mount.routes : routes(), context.request.method, context.segments);
    const auto tokens = core.services.tokens();
    // What is open always tells nothing of the jobs, and a health check knows the daemon by whatever name it likes.
    const bool is_public = match.route != nullptr && match.route->access == Access::open;
    if (tokens->empty() && !is_public) {
        if (auto host = check_host(context, core.options); !host) return say(context, host.error());
    }
    if (is_preflight(context, core.options)) return preflight_answer();
    const bool safe = context.method() == "GET" && (match.route == nullptr || !match.route->creates);
    if (!safe) {
        if (auto origin = check_origin(context, core.options); !origin) return say(context, origin.error());
    }
    if (match.route == nullptr && match.allow.empty()) return say(context, not_found("there is nothing at this path"));
    if (match.route == nullptr) {
        return say(context, {.code = ProblemCode::method_not_allowed,
                             .detail = "this path takes " + match.allow,
                             .headers = {{"Allow", match.allow}}});
    }
    const Route& route = *match.route;
    if (!is_open(route.access, core.options)) {
        auto caller = authenticate(context.request.headers, *tokens);
        if (!caller) return say(context, caller.error());
        context.caller = std::move(*caller);
        if (auto allowed = authorize(route.access, context.caller); !allowed) return say(context, allowed.error());
    }
    // kie.ai's calls are taken to the end: one may be the only proof of a create whose answer is still awaited.
    const bool changes = route.method != "GET" && route.handler != &take_callback;
    if (core.draining && changes) return say(context, stopping());
    return std::nullopt;
}

asio::awaitable<http::Response> Api::Impl::answer(Context& context, Match& match) {
    if (auto refused = turned_away(context, match)) co_return std::move(*refused);
    // kie.ai ignores what it does not know, and so do those who stand in for it.
    if (!match.route->takes_query && !core.mount.holds(context.request.target)) {
        Query query(std::move(context.parameters));
        query.refuse_others({});
        if (!query.faults().empty()) co_return to_response(invalid(std::move(query.faults())));
    }
    context.captures = std::move(match.captures);
    co_return co_await match.route->handler(core, context);
}

asio::awaitable<http::Response> Api::Impl::guarded(Context& context, Match& match) {
    std::string what;
    try {
        co_return co_await answer(context, match);
    } catch (const boost::system::system_error& error) {
        if (error.code() == asio::error::operation_aborted) throw;
        what = error.what();
    } catch (const std::exception& error) {
        what = error.what();
    }
    core.services.log.error("a request ended in an exception",
                            {{"request_id", context.request_id}, {"route", match.pattern}, {"error", what}});
    co_return say(context, {.code = ProblemCode::internal, .detail = "see the daemon's log"});
}

void Api::Impl::finish(const Context& context, const Match& match, http::Response& response, SteadyTime started) {
    response.headers.set("X-Request-Id", context.request_id);
    add_cors(context, core.options, response);
    record(context, match, response.status, started);
}

void Api::Impl::record(const Context& context, const Match& match, int status, SteadyTime started) {
    const auto took = core.services.clock.now() - started;
    core.http_metrics.count(match.pattern, context.request.method, status, took);
    const bool own_trouble = status >= 500 && !(status == 503 && core.draining);
    const auto level = own_trouble                                  ? log::Level::warn
                       : context.method() == "GET" && status != 503 ? log::Level::debug
                                                                    : log::Level::info;
    auto& log = core.services.log;
    if (!log.enabled(level)) return;
    const std::initializer_list<log::Field> fields{
        {"method", context.request.method},
        {"route", match.pattern.empty() ? std::string_view("none") : match.pattern},
        {"status", status},
        {"ms", std::chrono::duration<double, std::milli>(took).count()},
        log::if_known("job", context.job),
        log::if_known("batch", context.batch),
        log::if_known("jobs", context.jobs == 0 ? "" : std::to_string(context.jobs)),
        {"caller", context.caller.name},
        {"request_id", context.request_id},
        log::trace(context.traceparent.empty() ? context.job_trace : context.traceparent),
        log::if_known("traceparent", context.traceparent)};
    log.write(level, "request", fields);
}

asio::awaitable<http::Response> Api::handle(http::Request request) {
    Core& core = impl_->core;
    const SteadyTime started = core.services.clock.now();
    Context context = make_context(std::move(request), core.services.random);
    Match match;
    http::Response response = co_await impl_->guarded(context, match);
    impl_->finish(context, match, response, started);
    co_return response;
}

std::optional<http::Response> Api::turned_away(http::Request head) {
    Core& core = impl_->core;
    const SteadyTime started = core.services.clock.now();
    Context context = make_context(std::move(head), core.services.random);
    Match match;
    auto response = impl_->turned_away(context, match);
    // Under the mount the media type is not looked at: a client's `text/plain` is JSON all the same.
    if (!response && match.route->method == "POST" && match.route->handler != &create_file &&
        !core.mount.holds(context.request.target)) {
        if (auto type = check_media_type(context.request); !type) response = to_response(type.error());
    }
    if (response) impl_->finish(context, match, *response, started);
    return response;
}

std::optional<std::uint64_t> Api::streamed(const http::Request& head) const {
    const Core& core = impl_->core;
    const std::string_view path = std::string_view(head.target).substr(0, head.target.find('?'));
    for (const Route& route : core.mount.holds(head.target) ? core.mount.routes : routes()) {
        if (route.longest_stream == nullptr || route.pattern != path || route.method != head.method) continue;
        return route.longest_stream(core.options);
    }
    return std::nullopt;
}

http::Response Api::refuse(int status, std::string_view detail, std::string_view target) {
    Core& core = impl_->core;
    ProblemCode code = ProblemCode::invalid_json;  // a request that can't be read (400, 417, 501)
    switch (status) {
        case 408:
            code = ProblemCode::request_timeout;
            break;
        case 411:
            code = ProblemCode::length_required;
            break;
        case 413:
        case 431:
            code = ProblemCode::payload_too_large;
            break;
        case 503:
            code = ProblemCode::overloaded;
            break;
        default:
            if (status == 500) code = ProblemCode::internal;
    }
    Problem problem{.code = code, .detail = std::string(detail)};
    if (status == 413 && !core.mount.holds(target)) {
        problem.detail = too_long(core.options, target);
    }
    auto response = core.mount.holds(target) ? core.mount.refusal(target, problem) : to_response(problem, status);
    response.headers.set("X-Request-Id", core.services.random.hex(10));
    core.http_metrics.count("", "other", response.status, std::chrono::nanoseconds(0));
    return response;
}

void Api::set_draining() {
    impl_->core.draining = true;
    impl_->core.services.feed.publish_all();
}

}  // namespace genq::api
