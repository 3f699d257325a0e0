#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "server/app/config.hpp"
#include "server/app/tokens.hpp"
#include "server/cli/client_command.hpp"
#include "server/cli/exit_code.hpp"

namespace genq::cli {
namespace {

int check(const std::string& file, const app::Environment& environment) {
    const auto loaded = app::load_config(file, environment);
    if (!loaded) return usage_error(loaded.error());
    const auto tokens = app::load_tokens(loaded->config.auth.tokens_file);
    if (!tokens) return usage_error(tokens.error());
    const auto key = app::find_api_key(loaded->config, environment);
    if (!key) return usage_error(key.error());
    fmt::print("The configuration is good: {} of its keys are set, {} tokens, {} API key.\n", loaded->origins.size(),
               tokens->size(), key->empty() ? "no" : "an");
    return exit_success;
}

}  // namespace

void add_config(Program& program) {
    auto* config = program.add("config", "Check or show the configuration",
                               "  genqd config check --config genqd.toml\n  genqd config show\n"
                               "  genqd config show --defaults > genqd.toml    # every key, explained");
    config->require_subcommand(1);
    auto file = std::make_shared<std::string>();
    auto defaults = std::make_shared<bool>(false);
    auto* checked = program.add("check", "Say what is wrong with the configuration, with file and line",
                                "  genqd config check --config genqd.toml", config);
    auto* shown =
        program.add("show", "Print every key with its value and where it comes from", "  genqd config show", config);
    for (auto* app : {checked, shown}) {
        app->add_option("--config", *file, fmt::format("The configuration file ({})", app::default_config_file))
            ->type_name("FILE");
    }
    shown->add_flag("--defaults", *defaults, "The defaults with their explanations: a file to start from");
    program.on_run(checked, [=, &program] { return check(*file, program.environment); });
    program.on_run(shown, [=, &program] {
        if (*defaults) {
            fmt::print("{}", app::render_config({}, true));
            return exit_success;
        }
        const auto loaded = app::load_config(*file, program.environment);
        if (!loaded) return usage_error(loaded.error());
        fmt::print("{}", app::render_config(*loaded, false));
        return exit_success;
    });
}

}  // namespace genq::cli
