#include "server/api/origin.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

namespace genq::api {

namespace {

bool is_port(std::string_view text) {
    return text.size() <= 5 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// The host of "name:port" or "[v6]:port", without brackets; "" if that is malformed.
std::string_view host_of(std::string_view authority) {
    if (authority.starts_with('[')) {
        const auto end = authority.find(']');
        if (end == std::string_view::npos) return {};
        const auto rest = authority.substr(end + 1);
        if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return {};
        return authority.substr(1, end - 1);
    }
    const auto colon = authority.find(':');
    if (colon == std::string_view::npos) return authority;
    return is_port(authority.substr(colon + 1)) ? authority.substr(0, colon) : std::string_view();
}

// "name:port" of "scheme://name:port/…".
std::string_view authority_of(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme == std::string_view::npos) return {};
    url.remove_prefix(scheme + 3);
    return url.substr(0, url.find_first_of("/?#"));
}

bool is_address(std::string_view host) {
    boost::system::error_code error;
    boost::asio::ip::make_address(std::string(host), error);
    return !error;
}

bool cors_names(const Options& options, std::string_view origin) {
    return std::ranges::any_of(options.cors_origins,
                               [&](const std::string& named) { return named == "*" || http::iequals(named, origin); });
}

// A page of our own host, whatever the scheme: a proxy in front may have ended TLS.
bool is_ours(const Context& context, const Options& options, std::string_view origin) {
    const auto authority = authority_of(origin);
    if (authority.empty()) return false;
    return http::iequals(authority, context.host) || http::iequals(authority, authority_of(options.public_url));
}

}  // namespace

Checked<void> check_host(const Context& context, const Options& options) {
    const auto host = host_of(context.host);
    const bool known =
        http::iequals(host, "localhost") || is_address(host) ||
        std::ranges::any_of(options.host_names, [&](const std::string& name) { return http::iequals(name, host); }) ||
        http::iequals(host, host_of(authority_of(options.public_url)));
    if (!host.empty() && known) return {};
    return refuse(ProblemCode::misdirected,
                  "while no token is configured the Host must be an IP address, localhost, a name that the daemon "
                  "listens on, or that of http.public_url");
}

Checked<void> check_origin(const Context& context, const Options& options) {
    bool named = false;
    bool cross_site = false;
    for (const auto& [name, value] : context.request.headers) {
        if (http::iequals(name, "Origin")) {
            named = cors_names(options, value);
            if (!named && !is_ours(context, options, value)) {
                return refuse(ProblemCode::forbidden, "requests from pages of another origin are not allowed");
            }
        }
        if (http::iequals(name, "Sec-Fetch-Site")) cross_site = cross_site || http::iequals(value, "cross-site");
    }
    if (cross_site && !named) return refuse(ProblemCode::forbidden, "cross-site requests are not allowed");
    return {};
}

bool is_preflight(const Context& context, const Options& options) {
    const auto& headers = context.request.headers;
    const auto origin = headers.find("Origin");
    return context.request.method == "OPTIONS" && headers.has("Access-Control-Request-Method") && origin &&
           cors_names(options, *origin);
}

http::Response preflight_answer() {
    return {
        .status = 204,
        .headers =
            {{"Access-Control-Allow-Methods", "GET, HEAD, POST, DELETE"},
             {"Access-Control-Allow-Headers",
              "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, If-Range, Last-Event-ID, Prefer, "
              "Range, X-Request-Id, traceparent, tracestate"},
             {"Access-Control-Max-Age", "600"}},
        .body = {}};
}

void add_cors(const Context& context, const Options& options, http::Response& response) {
    if (options.cors_origins.empty()) return;
    response.headers.add("Vary", "Origin");
    const auto origin = context.request.headers.find("Origin");
    if (!origin || !cors_names(options, *origin)) return;
    response.headers.set("Access-Control-Allow-Origin", std::string(*origin));
    response.headers.set("Access-Control-Expose-Headers",
                         "Content-Disposition, Content-Range, ETag, Idempotency-Replayed, Link, Location, "
                         "Preference-Applied, Repr-Digest, Retry-After, X-Request-Id");
}

}  // namespace genq::api
