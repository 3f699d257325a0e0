#include "server/cli/client_command.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "common/http/beast_transport.hpp"
#include "common/http/url.hpp"
#include "server/cli/dotenv.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/format.hpp"
#include "server/cli/say.hpp"

namespace genq::cli {

void on_client(Program& program, Subcommand* app, std::function<int(Client& client, bool json)> run) {
    auto options = std::make_shared<ClientOptions>();
    app->add_option(
           "--url", options->url,
           "Where the daemon is: http://…, https://… or unix:/PATH (else GENQD_URL, else http://127.0.0.1:8080)")
        ->type_name("URL");
    app->add_option("--token-file", options->token_file, "File with the token (else GENQD_TOKEN or GENQD_TOKEN_FILE)")
        ->type_name("FILE");
    app->add_option("--profile", options->profile, "A daemon of ~/.config/genqd/profiles.toml (else GENQD_PROFILE)")
        ->type_name("NAME");
    app->add_flag("--json", options->json, "Print JSON for programs");
    program.on_run(app, [&program, options, run = std::move(run)] {
        const auto endpoint = find_endpoint(*options, program.environment, read_dotenv());
        if (!endpoint) return usage_error(endpoint.error());
        int code = exit_success;
        with_client(*endpoint, [&](Client& client) { code = run(client, options->json); });
        return code;
    });
}

void with_client(const Endpoint& endpoint, const std::function<void(Client& client)>& use) {
    boost::asio::io_context io(1);
    SystemClock clock;
    http::BeastTransport transport(io, clock, {.unix_socket = endpoint.unix_socket});
    Client client(io, clock, transport, endpoint.url, endpoint.token);
    use(client);
}

void print_json(const boost::json::value& value) {
    fmt::print("{}\n", to_json(value));
}

int usage_error(const Error& error) {
    say("{}\n", error.detail);
    return exit_usage;
}

void add_query(std::string& target, std::string_view name, std::string_view value) {
    target += target.find('?') == std::string::npos ? '?' : '&';
    target += http::percent_encode(name) + '=' + http::percent_encode(value);
}

std::string job_target(std::string_view id) {
    return "/v1/jobs/" + http::percent_encode(id);
}

}  // namespace genq::cli
