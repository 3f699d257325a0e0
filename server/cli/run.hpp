#pragma once

namespace genq::cli {

/// The whole program: reads the command line, runs the subcommand, returns the process's exit code
/// (README, "Exit codes"). Main thread only.
[[nodiscard]] int run(int argc, char** argv);

}  // namespace genq::cli
