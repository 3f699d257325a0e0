#include "server/app/backup.hpp"

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
    std::string target;
    std::string config;
    std::string state;
};

int exit_code_of(errc code) {
    if (code == errc::busy) return exit_refused;
    return code == errc::invalid_argument ? exit_usage : exit_failed;
}

int backup(const Arguments& arguments, const app::Environment& environment) {
    auto state = arguments.state;
    if (state.empty()) {
        const auto loaded = app::load_config(arguments.config, environment);
        if (!loaded) return usage_error(loaded.error());
        state = loaded->config.state.dir;
    }
    SystemClock clock;
    const auto done = app::back_up(state, arguments.target, clock);
    if (!done) {
        say("{}\n", done.error().detail);
        return exit_code_of(done.error().code);
    }
    fmt::print(
        "{} now holds {} jobs and their blobs ({} copied, {} there before{}).\n", arguments.target, done->jobs,
        done->blobs_copied, done->blobs_there,
        done->blobs_mended > 0 ? fmt::format(", {} found damaged there and copied again", done->blobs_mended) : "");
    for (const auto& fault : done->faults) say("not in the backup: {}\n", fault);
    return done->faults.empty() ? exit_success : exit_failed;
}

}  // namespace

void add_backup(Program& program) {
    auto* app = program.add("backup", "Copy the state directory, also while a daemon uses it",
                            "  genqd backup /backups/genqd        # again and again: only new blobs are copied\n"
                            "  genqd backup --state ./state ./copy\n"
                            "  genqd verify --state ./copy        # is it whole?\n"
                            "  genqd serve --state ./copy         # restore: it starts paused, and says why");
    auto arguments = std::make_shared<Arguments>();
    app->add_option("target", arguments->target, "The directory to copy into")->type_name("DIR")->required();
    app->add_option("--config", arguments->config, "The configuration file")->type_name("FILE");
    app->add_option("--state", arguments->state, "The state directory (state.dir)")->type_name("DIR");
    program.on_run(app, [&program, arguments] { return backup(*arguments, program.environment); });
}

}  // namespace genq::cli
