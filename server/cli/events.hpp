#pragma once
#include <string>

#include "server/cli/client.hpp"

namespace genq::cli {

/// Shows a job's events on stdout, from its first to its end, a line each; a daemon that restarts is waited for.
/// Returns the exit code.
[[nodiscard]] int follow_job(Client& client, const std::string& job, bool json);

}  // namespace genq::cli
