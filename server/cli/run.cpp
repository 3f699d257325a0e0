#include "server/cli/run.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>

#include "server/cli/command.hpp"
#include "server/cli/dotenv.hpp"
#include "server/cli/exit_code.hpp"

namespace genq::cli {
namespace {

constexpr const char* about =
    "genqd takes image, video, music and speech jobs for kie.ai, keeps to its rate limit, never pays twice, and keeps "
    "the "
    "results.";
constexpr const char* start =
    "A first try, without an API key:\n"
    "  genqd serve --sandbox &\n"
    "  genqd submit google/imagen4 prompt='a red fox in the snow' --wait --out pictures\n"
    "`genqd COMMAND --help` explains a command.\n"
    "Exit codes: 0 done, 1 the job failed, 2 bad usage or configuration, 3 refused (serve: state directory in use),\n"
    "4 no daemon answers, 5 gave up waiting.";

// The service gets its variables from its manager alone; a client's .env lies beside what it works on.
bool is_service(const CLI::App& root) {
    for (const char* name : {"serve", "sandbox", "migrate", "backup", "verify", "gc", "config", "token"}) {
        if (root.got_subcommand(name)) return true;
    }
    return false;
}

}  // namespace

int run(int argc, char** argv) {
    // A reader that goes away (`genqd list | head`) is an error of a write, not the end of a daemon.
    std::signal(SIGPIPE, SIG_IGN);
    CLI::App root(about, "genqd");
    root.footer(start);
    root.require_subcommand(1);
    root.set_help_flag("-h,--help", "Explain");
    Program program{.root = root, .environment = app::process_environment()};
    add_serve(program);
    add_sandbox(program);
    add_submit(program);
    add_batch(program);
    add_wait(program);
    add_status(program);
    add_list(program);
    add_events(program);
    add_get(program);
    add_cancel(program);
    add_retry(program);
    add_put(program);
    add_queue(program);
    add_pause(program);
    add_resume(program);
    add_models(program);
    add_credits(program);
    add_config(program);
    add_migrate(program);
    add_backup(program);
    add_verify(program);
    add_gc(program);
    add_token(program);
    add_version(program);
    try {
        root.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        // CLI11's own codes are many; ours says only that the arguments are wrong.
        return root.exit(error) == 0 ? exit_success : exit_usage;
    }
    if (!is_service(root)) add_dotenv_file(program.environment);
    for (const Command& command : program.commands) {
        if (!command.subcommand->app().parsed()) continue;
        try {
            return command.run();
        } catch (const std::exception& error) {
            fmt::print(stderr, "genqd: {}\n", error.what());
            return exit_failed;
        }
    }
    return exit_usage;
}

}  // namespace genq::cli
