#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "server/cli/command.hpp"
#include "server/cli/completion.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/say.hpp"

namespace genq::cli {

void add_help(Program& program) {
    auto* app = program.add("help", "Explain a command", "  genqd help submit\n  genqd help token new");
    auto words = std::make_shared<std::vector<std::string>>();
    app->add_option("COMMAND", *words, "The command; none for an overview")->type_name("");
    program.on_run(app, [&program, words] {
        const CLI::App* explained = &program.root;
        auto path = explained->get_name();
        for (const auto& word : *words) {
            const auto* below = subcommand_named(*explained, word);
            if (below == nullptr) {
                say("{} has no command {}.\n", path, word);
                return exit_usage;
            }
            explained = below;
            path += " " + word;
        }
        // App::help() explains the command that was called: this one.
        fmt::print("{}", explained->get_formatter()->make_help(explained, path, CLI::AppFormatMode::Normal));
        return exit_success;
    });
}

}  // namespace genq::cli
