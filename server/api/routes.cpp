#include "server/api/routes.hpp"

#include <array>

#include "server/api/handlers.hpp"
#include "server/api/options.hpp"

namespace genq::api {

namespace {

constexpr Route querying(Route route) {
    route.takes_query = true;
    return route;
}

constexpr std::array own_routes{
    Route{"POST", "/v1/jobs", Access::submit, &create_job},
    Route{"POST", "/v1/batches", Access::submit, &create_batch,
          [](const Options& options) { return options.max_batch_bytes(); }},
    Route{"GET", "/v1/batches/{id}", Access::own_read, &get_batch},
    querying(Route{"GET", "/v1/jobs", Access::own_read, &list_jobs}),
    Route{"POST", "/v1/jobs/bulk", Access::act, &bulk_jobs},
    querying(Route{"GET", "/v1/jobs/{id}", Access::own_read, &get_job}),
    Route{"DELETE", "/v1/jobs/{id}", Access::act, &delete_job},
    querying(Route{"GET", "/v1/jobs/{id}/events", Access::own_read, &job_events}),
    querying(Route{"GET", "/v1/events", Access::own_read, &all_events}),
    Route{"POST", "/v1/jobs/{id}/cancel", Access::act, &cancel_job},
    Route{"POST", "/v1/jobs/{id}/retry", Access::act, &retry_job},
    Route{"GET", "/v1/jobs/{id}/outputs", Access::own_read, &list_outputs},
    querying(Route{"GET", "/v1/jobs/{id}/outputs/{n}", Access::own_read, &get_output}),
    Route{"GET", "/v1/jobs/{id}/deliveries", Access::own_read, &list_deliveries},
    Route{"POST", "/v1/jobs/{id}/deliveries/{n}/redeliver", Access::admin, &redeliver},
    Route{"POST", "/v1/files", Access::submit, &create_file,
          [](const Options& options) { return options.max_file_bytes; }},
    querying(Route{"GET", "/v1/jobs/{id}/outputs/{n}/thumbnail", Access::own_read, &get_thumbnail}),
    querying(Route{"GET", "/v1/blobs/{sha256}", Access::read, &get_blob}),
    querying(Route{"GET", "/v1/blobs/{sha256}/{name}", Access::open, &get_signed_blob}),
    querying(Route{"GET", "/v1/models", Access::read, &list_models}),
    Route{"GET", "/v1/models/{id...}", Access::read, &get_model},
    Route{"GET", "/v1/queue", Access::read, &get_queue},
    querying(Route{"GET", "/v1/queue/history", Access::read, &queue_history}),
    Route{"POST", "/v1/queue/pause", Access::admin, &pause_queue},
    Route{"POST", "/v1/queue/resume", Access::admin, &resume_queue},
    Route{"GET", "/v1/credits", Access::read, &get_credits},
    querying(Route{"GET", "/v1/usage", Access::own_read, &get_usage}),
    querying(Route{"POST", "/v1/callbacks/{job}/{token}", Access::open, &take_callback}),
    querying(Route{"GET", "/healthz", Access::open, &healthz}),
    querying(Route{"GET", "/readyz", Access::readyz, &readyz}),
    querying(Route{"GET", "/metrics", Access::metrics, &get_metrics}),
    querying(Route{"GET", "/openapi.json", Access::open, &openapi}),
    querying(Route{"GET", "/", Access::open, &dashboard_page}),
    querying(Route{"GET", "/reference", Access::open, &reference_page}),
    querying(Route{"GET", "/assets/{name}", Access::open, &dashboard_asset}),
};

bool fits(std::string_view pattern, const std::vector<std::string>& segments, std::vector<std::string>& captures) {
    captures.clear();
    if (pattern == "/") return segments.empty();
    std::size_t at = 0;
    while (!pattern.empty()) {
        pattern.remove_prefix(1);  // the slash
        const auto part = pattern.substr(0, pattern.find('/'));
        pattern.remove_prefix(part.size());
        if (at == segments.size()) return false;
        if (part.ends_with("...}")) {
            std::string rest = segments[at++];
            while (at < segments.size()) rest += "/" + segments[at++];
            captures.push_back(std::move(rest));
        } else if (part.starts_with('{')) {
            if (segments[at].empty()) return false;
            captures.push_back(segments[at++]);
        } else if (segments[at++] != part) {
            return false;
        }
    }
    return at == segments.size();
}

}  // namespace

std::span<const Route> routes() {
    return own_routes;
}

bool Mount::holds(std::string_view target) const {
    if (const auto scheme = target.find("://"); !target.starts_with('/') && scheme != std::string_view::npos) {
        const auto path = target.find('/', scheme + 3);
        target = path == std::string_view::npos ? std::string_view() : target.substr(path);
    }
    if (segment.empty() || !target.starts_with('/')) return false;
    target.remove_prefix(1);
    return target.substr(0, target.find_first_of("/?#")) == segment;
}

Match match_route(std::span<const Route> table, std::string_view method, const std::vector<std::string>& segments) {
    Match match;
    const std::string_view wanted = method == "HEAD" ? "GET" : method;
    std::vector<std::string> captures;
    for (const Route& route : table) {
        if (!fits(route.pattern, segments, captures)) continue;
        // What a pattern names is no id: `/v1/jobs/bulk` is no job.
        if (!match.pattern.empty() && match.pattern.find('{') == std::string_view::npos && !captures.empty()) continue;
        match.pattern = route.pattern;
        if (route.method == wanted) {
            match.route = &route;
            match.captures = std::move(captures);
            return match;
        }
        if (!match.allow.empty()) match.allow += ", ";
        match.allow += route.method == "GET" ? "GET, HEAD" : route.method;
    }
    return match;
}

}  // namespace genq::api
