#pragma once
#include "server/app/exit_code.hpp"

namespace genq::cli {

// What the program's exit codes mean (README, "Exit codes"). `serve` and other local subcommands use the first four in
// the daemon's sense, those that talk to a daemon use all in the client's.
inline constexpr int exit_success = 0;
using app::exit_failed;                     ///< 1: the job failed or was canceled; serve: failure at run time
using app::exit_usage;                      ///< 2
inline constexpr int exit_refused = 3;      ///< the daemon refused; serve: the state directory is in use
inline constexpr int exit_unreachable = 4;  ///< no daemon answers
inline constexpr int exit_gave_up = 5;      ///< --timeout passed before the job was done

}  // namespace genq::cli
