#include "server/cli/client.hpp"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/json/parse.hpp>
#include <cstdio>
#include <exception>

#include "common/http/url.hpp"
#include "server/app/profiles.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/format.hpp"

namespace genq::cli {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr std::string_view unix_scheme = "unix:";
/// What fits a socket's address (sockaddr_un).
constexpr std::size_t longest_socket_path = 107;

// Runs one coroutine to its end. A client has nothing else to do meanwhile.
template <class T>
T run(asio::io_context& io, asio::awaitable<T> task) {
    std::optional<T> value;
    std::exception_ptr error;
    asio::co_spawn(io, std::move(task), [&](std::exception_ptr e, T result) {
        error = std::move(e);
        value.emplace(std::move(result));
    });
    io.restart();
    io.run();
    if (error) std::rethrow_exception(error);
    return std::move(*value);
}

asio::awaitable<bool> sleep(Clock& clock, std::chrono::milliseconds time) {
    co_await clock.sleep_until(clock.now() + time);
    co_return true;
}

}  // namespace

Client::Client(asio::io_context& io, Clock& clock, http::Transport& transport, std::string url, std::string token)
    : io_(io),
      clock_(clock),
      transport_(transport),
      url_(std::move(url)),
      base_(url_.starts_with(unix_scheme) ? "http://localhost" : url_),
      token_(std::move(token)) {}

Result<http::ClientResponse> Client::send(const Call& call) {
    http::ClientRequest request{call.method, base_ + call.target, call.headers, ""};
    if (!request.headers.has("Accept")) request.headers.set("Accept", "application/json");
    if (!token_.empty()) request.headers.set("Authorization", "Bearer " + token_);
    if (!call.body.is_null()) {
        request.headers.set("Content-Type", "application/json");
        request.body = to_json(call.body);
    }
    if (call.file) request.headers.set("Content-Type", "application/octet-stream");
    request.source = call.file;
    request.take = call.take;
    request.silence = call.silence;
    const auto deadline = clock_.now() + call.limit + call.wait;
    // The pool behind the transport has seen to it that a stale connection is not used, so nothing is tried twice here.
    auto exchange = run(io_, transport_.send(std::move(request), deadline));
    return std::move(exchange.answer);
}

void Client::pause(std::chrono::milliseconds time) {
    run(io_, sleep(clock_, time));
}

Result<Endpoint> find_endpoint(const ClientOptions& options, const app::Environment& environment) {
    const auto variable = [&](std::string_view name) { return app::find(environment, name).value_or(""); };
    if (!options.profile.empty() && !options.url.empty()) {
        return fail(errc::invalid_argument,
                    "say --url or --profile, not both: a profile's token is for its own daemon");
    }
    // What is said here and now goes before what was set up: options, variables, the profile that a variable names.
    const bool by_variable = options.profile.empty() && (!options.url.empty() || !variable("GENQD_URL").empty());
    const auto profile_name = !options.profile.empty() ? options.profile : variable("GENQD_PROFILE");
    app::Profile profile{.url = variable("GENQD_URL"), .token_file = variable("GENQD_TOKEN_FILE")};
    bool may_use_variable = true;
    if (!profile_name.empty() && !by_variable) {
        auto read = app::read_profile(profile_name, environment);
        if (!read) return std::unexpected(read.error());
        profile = std::move(*read);
        may_use_variable = false;  // a profile's daemon never sees another one's token
    }
    Endpoint endpoint;
    endpoint.url = options.url.empty() ? profile.url : options.url;
    if (endpoint.url.empty()) endpoint.url = "http://127.0.0.1:8080";
    while (endpoint.url.ends_with('/')) endpoint.url.pop_back();
    if (endpoint.url.starts_with(unix_scheme)) endpoint.unix_socket = endpoint.url.substr(unix_scheme.size());
    const bool is_socket = !endpoint.unix_socket.empty() && endpoint.unix_socket.size() <= longest_socket_path;
    const bool is_url = http::parse_url(endpoint.url) && endpoint.url.find_first_of("?#") == std::string::npos;
    if (!is_socket && !is_url) {
        return fail(errc::invalid_argument,
                    fmt::format("\"{}\" is not the URL of a daemon: write http://HOST:PORT, https://HOST:PORT or "
                                "unix:/PATH",
                                endpoint.url));
    }
    if (options.token_file.empty() && may_use_variable) endpoint.token = variable("GENQD_TOKEN");
    const auto& file = options.token_file.empty() ? profile.token_file : options.token_file;
    if (endpoint.token.empty() && !file.empty()) {
        auto token = app::read_secret_file(file);
        if (!token) return std::unexpected(token.error());
        endpoint.token = std::move(*token);
    }
    return endpoint;
}

json::value body_of(const http::ClientResponse& response) {
    json::error_code error;
    auto value = json::parse(response.body, error);
    if (error) return nullptr;
    return value;
}

int report(const Error& error, const std::string& url) {
    const auto start = fmt::format("No answer from the daemon at {}: {}.", url, error.detail);
    switch (error.code) {
        case errc::unreachable:
        case errc::tls:
            fmt::print(
                stderr,
                "{}\nIs it running? `genqd serve` starts it, `genqd serve --sandbox` without an API key; --url or "
                "GENQD_URL says where it is.\n",
                start);
            return exit_unreachable;
        case errc::timeout:
        case errc::connection_lost:
        case errc::malformed:
        case errc::too_large:
        case errc::canceled:
            fmt::print(stderr, "{}\n", start);
            return exit_unreachable;
        case errc::invalid_argument:
        case errc::not_found:
        case errc::conflict:
        case errc::already_exists:
        case errc::storage_full:
        case errc::busy:
        case errc::forbidden:
        case errc::corrupt:
        case errc::io:
        case errc::unsupported:
            break;
    }
    fmt::print(stderr, "{}\n", error.detail);
    return exit_usage;
}

std::string refusal_text(const http::ClientResponse& response) {
    const auto problem = body_of(response);
    auto detail = text_at(problem, "detail");
    if (detail.empty()) detail = text_at(problem, "title");
    if (detail.empty()) detail = fmt::format("it answered with HTTP {}", response.status);
    const auto code = text_at(problem, "code");
    std::string text = fmt::format("The daemon refused{}: {}\n",
                                   code.empty() ? "" : fmt::format(" ({})", printable(code)), printable(detail));
    for (const auto& entry : array_at(problem, "errors")) {
        const auto pointer = printable(text_at(entry, "pointer"));
        text += fmt::format("  {}{}{}\n", pointer, pointer.empty() ? "" : ": ", printable(text_at(entry, "detail")));
    }
    if (response.status == 401)
        text += "A token is needed: GENQD_TOKEN, --token-file or --profile; `genqd token new` makes one.\n";
    return text;
}

int report_refusal(const http::ClientResponse& response) {
    fmt::print(stderr, "{}", refusal_text(response));
    return exit_refused;
}

}  // namespace genq::cli
