#pragma once
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/http/server.hpp"

namespace genq::api {

struct Core;
struct Options;
struct Context;

/// Who may use a route.
enum class Access : std::uint8_t {
    open,
    readyz,   ///< open, or `read`, by configuration
    metrics,  ///< likewise
    read,
    submit_and_read,  ///< both
    own_read,         ///< `read`; or `submit`, and then the handler shows the caller's own jobs only
    submit,
    act,  ///< `submit` for own jobs (the handler checks that) or `admin`
    admin,
};

using RouteHandler = boost::asio::awaitable<http::Response> (*)(Core&, Context&);

/// One line of the table that 404, 405 with its `Allow`, HEAD, the metrics' labels and the test of openapi.json come
/// from. `{name}` in a pattern stands for one segment, `{name...}` at its end for all that follow.
struct Route {
    std::string_view method;
    std::string_view pattern;
    Access access{};
    RouteHandler handler = nullptr;
    /// Set: the handler reads the body from the request's stream, at most so many bytes of it. Its pattern has no
    /// `{…}`.
    std::uint64_t (*longest_stream)(const Options&) = nullptr;
    /// A GET that may make a job: as little for pages of another origin as a POST is.
    bool creates = false;
    /// The handler looks at the query, or what a cache or a probe adds to it is ignored. Elsewhere parameters, which
    /// would do nothing, are refused.
    bool takes_query = false;
};

/// The API's own table; lives as long as the program.
[[nodiscard]] std::span<const Route> routes();

struct Problem;

/// Paths below a first segment of their own, with a table and a way to refuse of their own.
struct Mount {
    std::string_view segment;  ///< "api"
    std::span<const Route> routes;
    http::Response (*refusal)(std::string_view target, const Problem& problem) = nullptr;

    /// True if the path of a request target is below the segment; also of one that can't be read otherwise.
    [[nodiscard]] bool holds(std::string_view target) const;
};

/// What the table says of a method and a path.
struct Match {
    const Route* route = nullptr;  ///< nullptr: 405 if `allow` says something, else 404
    std::string_view pattern;      ///< of the path, also when the method does not fit; "" for 404
    std::string allow;             ///< "GET, HEAD, POST"; set if the method does not fit
    std::vector<std::string> captures;
};
[[nodiscard]] Match match_route(std::span<const Route> table, std::string_view method,
                                const std::vector<std::string>& segments);
/// In the API's own table.
[[nodiscard]] inline Match match_route(std::string_view method, const std::vector<std::string>& segments) {
    return match_route(routes(), method, segments);
}

}  // namespace genq::api
