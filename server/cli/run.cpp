#include "server/cli/run.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <system_error>

#include "server/app/version.hpp"
#include "server/cli/command.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/nearest.hpp"
#include "server/cli/say.hpp"

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

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
    const auto meant = nearest(word, known);
    return meant.empty() ? "" : fmt::format(" Did you mean {}?", meant);
}

// The command that was understood, however far that went.
const CLI::App* innermost(const CLI::App& root) {
    const CLI::App* app = &root;
    while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
    return app;
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
        const bool misplaced = app != &root && std::ranges::find(options, name) != options.end();
        if (misplaced) return fmt::format("{} stands behind the command: {} {}.\n", name, path, name);
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
    add_delete(program);
    add_deliveries(program);
    add_put(program);
    add_queue(program);
    add_pause(program);
    add_resume(program);
    add_models(program);
    add_credits(program);
    add_usage(program);
    add_config(program);
    add_migrate(program);
    add_backup(program);
    add_verify(program);
    add_gc(program);
    add_token(program);
    add_version(program);
    add_complete(program);
    add_manual(program);
    add_help(program);
    add_completion(program);
}

namespace {

// What has been printed goes out now. A reader that has had enough (`genqd list | head`) is no failure.
int flushed(int code) {
    errno = 0;
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
    if (errno == EPIPE) return code;
    say("genqd: stdout can't be written{}{}\n", errno == 0 ? "" : ": ", errno == 0 ? "" : std::strerror(errno));
    return code == exit_success ? exit_failed : code;
}

int run_command(const Command& command) {
    try {
        return flushed(command.run());
    } catch (const std::system_error& error) {
        if (error.code() == std::errc::broken_pipe) return exit_success;
        say("genqd: {}\n", error.what());
    } catch (const std::exception& error) {
        say("genqd: {}\n", error.what());
    }
    return exit_failed;
}

// `--help`, `--version`, or what is wrong with the arguments.
int explain(const CLI::App& root, const CLI::ParseError& error) {
    const bool asked = error.get_exit_code() == 0;
    const auto* app = innermost(root);
    const bool wants_command = !app->get_subcommands([](const CLI::App*) { return true; }).empty();
    const bool nonsense = wants_command && !root.remaining(true).empty();
    if (!asked || nonsense) {
        // CLI11's own codes are many; ours says only that the arguments are wrong.
        say("{}", mistake(root, error));
        return exit_usage;
    }
    root.exit(error);
    return std::cout.flush() || errno == EPIPE ? exit_success : exit_failed;
}

}  // namespace

int run(int argc, char** argv) {
    // A reader that goes away (`genqd list | head`) is an error of a write, not the end of a daemon.
    std::signal(SIGPIPE, SIG_IGN);
    CLI::App root(about, "genqd");
    root.footer(start);
    root.require_subcommand(1);
    root.set_help_flag("-h,--help", "Explain");
    root.set_version_flag("--version", fmt::format("genqd {}", app::version()), "Print the program's version");
    Program program{.root = root, .environment = app::process_environment()};
    add_subcommands(program);
    if (argc < 2) {
        say("{}", root.help());
        return exit_usage;
    }
    try {
        root.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return explain(root, error);
    }
    for (const Command& command : program.commands) {
        if (command.subcommand->app().parsed()) return run_command(command);
    }
    return exit_usage;
}

}  // namespace genq::cli
