#pragma once
#include <boost/json/value.hpp>
#include <functional>

#include "server/cli/client.hpp"
#include "server/cli/command.hpp"
#include "server/cli/endpoint.hpp"

namespace genq::cli {

/// Gives a subcommand --url, --token-file, --profile and --json, and runs it with a client on a network of its own.
/// `run` returns the exit code; `json` says that --json was given.
void on_client(Program& program, Subcommand* app, std::function<int(Client& client, bool json)> run);

/// Runs `use` with a client of that daemon, on a network of its own.
void with_client(const Endpoint& endpoint, const std::function<void(Client& client)>& use);

/// Prints JSON on stdout, with a line break.
void print_json(const boost::json::value& value);

/// Says what is wrong with the arguments; returns exit_usage.
[[nodiscard]] int usage_error(const Error& error);

/// Appends `name=value` to a target's query, percent-encoded.
void add_query(std::string& target, std::string_view name, std::string_view value);

/// `/v1/jobs/{id}`.
[[nodiscard]] std::string job_target(std::string_view id);

}  // namespace genq::cli
