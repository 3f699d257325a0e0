#pragma once
#include <string>

#include "server/cli/client_command.hpp"

namespace genq::cli {

/// Sends a local file to the daemon, which answers with its reference (POST /v1/files); or the exit code, after saying
/// on stderr what went wrong. Reads the file while it is sent, so its size does not matter;
/// what is no regular file goes through a temporary one. "-" is the standard input.
[[nodiscard]] Answer put_file(Client& client, const std::string& path);

}  // namespace genq::cli
