#include "server/app/migrate.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "server/app/config.hpp"
#include "server/cli/client_command.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/say.hpp"

namespace genq::cli {
namespace {

struct Arguments {
    std::string config;
    std::string state;
};

int migrate(const Arguments& arguments, const app::Environment& environment) {
    auto state = arguments.state;
    if (state.empty()) {
        const auto loaded = app::load_config(arguments.config, environment);
        if (!loaded) return usage_error(loaded.error());
        state = loaded->config.state.dir;
    }
    const auto done = app::migrate_state(state);
    if (!done) {
        say("{}\n", done.error().detail);
        return done.error().code == errc::busy ? exit_refused : exit_failed;
    }
    if (done->from == 0) {
        fmt::print("There was no database in {}: an empty one was made (schema {}).\n", state, done->to);
    } else if (done->from == done->to) {
        fmt::print("The database in {} is up to date (schema {}).\n", state, done->to);
    } else {
        fmt::print("The database in {} was taken from {} to {}.\n", state, done->from, done->to);
    }
    return exit_success;
}

}  // namespace

void add_migrate(Program& program) {
    auto* app = program.add("migrate", "Bring the database up to this program's schema, as serve does when it starts",
                            "  genqd migrate --state /var/lib/genqd");
    auto arguments = std::make_shared<Arguments>();
    app->add_option("--config", arguments->config, "The configuration file")->type_name("FILE");
    app->add_option("--state", arguments->state, "The state directory (state.dir)")->type_name("DIR");
    program.on_run(app, [&program, arguments] { return migrate(*arguments, program.environment); });
}

}  // namespace genq::cli
