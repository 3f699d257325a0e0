#include "server/cli/run.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>

#include "server/cli/command.hpp"
#include "server/cli/dotenv.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/nearest.hpp"

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

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
    const auto meant = nearest(word, known);
    return meant.empty() ? "" : fmt::format(" Did you mean {}?", meant);
}

// What was not understood, what may have been meant, and where it is explained.
std::string mistake(const CLI::App& root, const CLI::ParseError& error) {
    const CLI::App* app = &root;
    std::string path = root.get_name();
    while (!app->get_subcommands().empty()) {
        app = app->get_subcommands().front();
        path += " " + app->get_name();
    }
    std::vector<std::string> commands;
    for (const auto* command : app->get_subcommands([](const CLI::App*) { return true; })) {
        commands.push_back(command->get_name());
    }
    std::vector<std::string> options;
    for (const auto* option : app->get_options()) {
        for (const auto& name : option->get_lnames()) options.push_back("--" + name);
    }
    const auto extras = root.remaining(true);
    const auto option = std::ranges::find_if(extras, [](const auto& word) { return word.starts_with("-"); });
    std::string said = fmt::format("{}.", error.what());
    if (option != extras.end()) {
        const auto name = option->substr(0, option->find('='));
        said = fmt::format("{} has no option {}.{}", path, name, suggestion(name, options));
    } else if (!extras.empty() && !commands.empty()) {
        said = fmt::format("{} has no command {}.{}", path, extras.front(), suggestion(extras.front(), commands));
    } else if (!extras.empty()) {
        said = fmt::format("{} takes no further argument: {}.", path, extras.front());
    }
    return fmt::format("{}\n`{} --help` explains.\n", said, path);
}

}  // namespace

void add_subcommands(Program& program) {
    add_serve(program);
    add_sandbox(program);
    add_submit(program);
    add_batch(program);
    add_wait(program);
    add_status(program);
    add_list(program);
    add_events(program);
    add_watch(program);
    add_logs(program);
    add_open(program);
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
    add_complete(program);
    add_manual(program);
}

int run(int argc, char** argv) {
    // A reader that goes away (`genqd list | head`) is an error of a write, not the end of a daemon.
    std::signal(SIGPIPE, SIG_IGN);
    CLI::App root(about, "genqd");
    root.footer(start);
    root.require_subcommand(1);
    root.set_help_flag("-h,--help", "Explain");
    Program program{.root = root, .environment = app::process_environment()};
    add_subcommands(program);
    try {
        root.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        // CLI11's own codes are many; ours says only that the arguments are wrong.
        if (error.get_exit_code() == 0) return root.exit(error);
        fmt::print(stderr, "{}", mistake(root, error));
        return exit_usage;
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
