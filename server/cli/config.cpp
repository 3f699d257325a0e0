#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "server/app/config.hpp"
#include "server/app/settings.hpp"
#include "server/cli/client_command.hpp"
#include "server/cli/exit_code.hpp"

namespace genq::cli {
namespace {

int check(const std::string& file, bool insecure, const app::Environment& environment) {
    const auto checked = app::check_config(file, insecure, environment);
    if (!checked) return usage_error(checked.error());
    fmt::print("The configuration is good: {} of its keys are set, {} tokens, {} API key.\n", checked->keys_set,
               checked->tokens, checked->has_api_key ? "an" : "no");
    if (!checked->has_api_key) {
        fmt::print(stderr, "`genqd serve` needs a key of kie.ai's, which this check did not find: it may come by {}.\n",
                   "KIE_API_KEY, KIE_API_KEY_FILE, upstream.api_key_file or the systemd credential kie_api_key");
    }
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
    auto insecure = std::make_shared<bool>(false);
    auto* checked = program.add("check", "Say what is wrong with the configuration, with file and line",
                                "  genqd config check --config genqd.toml", config);
    auto* shown =
        program.add("show", "Print every key with its value and where it comes from", "  genqd config show", config);
    for (auto* app : {checked, shown}) {
        app->add_option("--config", *file, fmt::format("The configuration file ({})", app::default_config_file))
            ->type_name("FILE");
    }
    checked->add_flag("--insecure", *insecure, "As for `serve --insecure`: addresses for others need no tokens");
    shown->add_flag("--defaults", *defaults, "The defaults with their explanations: a file to start from");
    program.on_run(checked, [=, &program] { return check(*file, *insecure, program.environment); });
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
