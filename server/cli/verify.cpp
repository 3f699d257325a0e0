#include "server/app/verify.hpp"

#include <fmt/format.h>

#include <boost/json/value_from.hpp>
#include <cstdio>
#include <memory>

#include "server/app/config.hpp"
#include "server/cli/client_command.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/format.hpp"
#include "server/cli/say.hpp"

namespace genq::cli {
namespace {

struct Arguments {
    std::string config;
    std::string state;
    bool json = false;
};

void print_report(const std::string& state, const app::Verdict& verdict) {
    for (const auto& fault : verdict.faults) fmt::print("wrong: {}\n", printable(fault));
    for (const auto& file : verdict.strangers) fmt::print("not genqd's: {}\n", printable(file));
    for (const auto& digest : verdict.unlisted) fmt::print("listed by no job: blob {}\n", digest);
    fmt::print("{}: {} jobs and {} blobs looked at, {} faults.\n", printable(state), verdict.jobs, verdict.blobs,
               verdict.faults.size());
}

int verify(const Arguments& arguments, const app::Environment& environment) {
    auto state = arguments.state;
    if (state.empty()) {
        const auto loaded = app::load_config(arguments.config, environment);
        if (!loaded) return usage_error(loaded.error());
        state = loaded->config.state.dir;
    }
    const auto verdict = app::verify(state);
    if (!verdict) {
        say("{}\n", verdict.error().detail);
        return exit_failed;
    }
    if (arguments.json) {
        print_json(boost::json::object{{"ok", verdict->faults.empty()},
                                       {"jobs", verdict->jobs},
                                       {"blobs", verdict->blobs},
                                       {"faults", boost::json::value_from(verdict->faults)},
                                       {"unlisted", boost::json::value_from(verdict->unlisted)},
                                       {"strangers", boost::json::value_from(verdict->strangers)}});
    } else {
        print_report(state, *verdict);
    }
    return verdict->faults.empty() ? exit_success : exit_failed;
}

}  // namespace

void add_verify(Program& program) {
    auto* app =
        program.add("verify", "Check the database and every blob's hash, also while a daemon uses them",
                    "  genqd verify\n  genqd verify --state /backups/genqd --json\n"
                    "Exits with 1 when something is wrong. Blobs that no job lists are named, but are no fault.");
    auto arguments = std::make_shared<Arguments>();
    app->add_option("--config", arguments->config, "The configuration file")->type_name("FILE");
    app->add_option("--state", arguments->state, "The state directory, or a backup (state.dir)")->type_name("DIR");
    app->add_flag("--json", arguments->json, "Print JSON");
    program.on_run(app, [&program, arguments] { return verify(*arguments, program.environment); });
}

}  // namespace genq::cli
