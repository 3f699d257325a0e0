#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "server/app/collector.hpp"
#include "server/cli/client_command.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/say.hpp"

namespace genq::cli {
namespace {

struct Arguments {
    std::string config;
    std::string state;
    bool dry_run = false;
};

int gc(const Arguments& arguments, const app::Environment& environment) {
    const auto loaded = app::load_config(arguments.config, environment);
    if (!loaded) return usage_error(loaded.error());
    const auto& state = arguments.state.empty() ? loaded->config.state.dir : arguments.state;
    const auto done = app::collect_offline(state, loaded->config.retention, arguments.dry_run);
    if (!done) {
        say("{}\n", done.error().detail);
        if (done.error().code != errc::busy) return exit_failed;
        say("A daemon with [retention] collects by itself, every hour.\n");
        return exit_refused;
    }
    fmt::print("{} jobs and {} blobs that no job lists {} deleted.\n", done->jobs, done->blobs,
               arguments.dry_run ? "would be" : "were");
    return exit_success;
}

}  // namespace

void add_gc(Program& program) {
    auto* app = program.add("gc", "Delete what [retention] gives up, and blobs that no job lists, while no daemon runs",
                            "  genqd gc --dry-run\n"
                            "  GENQD_RETENTION__MAX_AGE_DAYS=90 genqd gc --state ./state\n"
                            "A daemon with [retention] does the same every hour.");
    auto arguments = std::make_shared<Arguments>();
    app->add_option("--config", arguments->config, "The configuration file")->type_name("FILE");
    app->add_option("--state", arguments->state, "The state directory (state.dir)")->type_name("DIR");
    app->add_flag("--dry-run", arguments->dry_run, "Only count");
    program.on_run(app, [&program, arguments] { return gc(*arguments, program.environment); });
}

}  // namespace genq::cli
