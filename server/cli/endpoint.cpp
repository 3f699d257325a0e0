#include "server/cli/endpoint.hpp"

#include <fmt/format.h>

#include "common/http/url.hpp"
#include "server/app/profiles.hpp"

namespace genq::cli {
namespace {

constexpr std::string_view unix_scheme = "unix:";
/// What fits a socket's address (sockaddr_un).
constexpr std::size_t longest_socket_path = 107;

bool has(const app::Environment& variables, std::string_view name) {
    return app::find(variables, name).has_value();
}

Result<Endpoint> at_url(std::string url) {
    Endpoint endpoint{.url = url.empty() ? "http://127.0.0.1:8080" : std::move(url), .unix_socket = "", .token = ""};
    while (endpoint.url.ends_with('/')) endpoint.url.pop_back();
    if (endpoint.url.starts_with(unix_scheme)) endpoint.unix_socket = endpoint.url.substr(unix_scheme.size());
    const bool is_socket = !endpoint.unix_socket.empty() && endpoint.unix_socket.size() <= longest_socket_path;
    const bool is_url = http::parse_url(endpoint.url) && endpoint.url.find_first_of("?#") == std::string::npos;
    if (is_socket || is_url) return endpoint;
    return fail(
        errc::invalid_argument,
        fmt::format("\"{}\" is not the URL of a daemon: write http://HOST:PORT, https://HOST:PORT or unix:/PATH",
                    endpoint.url));
}

// The daemon that the .env file names, and the token that stands beside it.
Result<Endpoint> of_dotenv(const ClientOptions& options, const app::Environment& dotenv) {
    auto endpoint = at_url(app::find(dotenv, "GENQD_URL").value_or(""));
    if (!endpoint) return endpoint;
    if (!options.token_file.empty() || has(dotenv, "GENQD_TOKEN_FILE")) {
        return fail(errc::invalid_argument,
                    fmt::format("the .env file of this folder names the daemon, {}, which is shown no token but the "
                                "GENQD_TOKEN of that file: to show it a token file's, say --url too",
                                endpoint->url));
    }
    endpoint->token = app::find(dotenv, "GENQD_TOKEN").value_or("");
    return endpoint;
}

}  // namespace

Result<Endpoint> find_endpoint(const ClientOptions& options, const app::Environment& environment,
                               const app::Environment& dotenv) {
    if (!options.profile.empty() && !options.url.empty()) {
        return fail(errc::invalid_argument,
                    "say --url or --profile, not both: a profile's token is for its own daemon");
    }
    const bool named = !options.url.empty() || !options.profile.empty() || has(environment, "GENQD_URL") ||
                       has(environment, "GENQD_PROFILE");
    if (!named && has(dotenv, "GENQD_URL")) return of_dotenv(options, dotenv);
    auto variables = environment;
    if (!named && has(dotenv, "GENQD_PROFILE")) variables["GENQD_PROFILE"] = dotenv.at("GENQD_PROFILE");
    // A token beside a URL is for the daemon there.
    if (!has(dotenv, "GENQD_URL") && !has(environment, "GENQD_TOKEN") && !has(environment, "GENQD_TOKEN_FILE")) {
        for (const char* name : {"GENQD_TOKEN", "GENQD_TOKEN_FILE"}) {
            if (auto value = app::find(dotenv, name)) variables.insert_or_assign(name, std::move(*value));
        }
    }
    const auto variable = [&](std::string_view name) { return app::find(variables, name).value_or(""); };

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
    auto endpoint = at_url(options.url.empty() ? profile.url : options.url);
    if (!endpoint) return endpoint;
    if (options.token_file.empty() && may_use_variable) endpoint->token = variable("GENQD_TOKEN");
    const auto& file = options.token_file.empty() ? profile.token_file : options.token_file;
    if (endpoint->token.empty() && !file.empty()) {
        auto token = app::read_secret_file(file == "-" ? "/dev/stdin" : app::expand_home(file, environment));
        if (!token) return std::unexpected(token.error());
        endpoint->token = std::move(*token);
    }
    return endpoint;
}

}  // namespace genq::cli
