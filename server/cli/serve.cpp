#include <fmt/format.h>

#include <memory>

#include "server/app/application.hpp"
#include "server/cli/command.hpp"

namespace genq::cli {

void add_serve(Program& program) {
    auto* app = program.add("serve", "Run the daemon",
                            "  genqd serve --sandbox                     # to try it: no key, nothing is paid\n"
                            "  KIE_API_KEY=… genqd serve --state ./state\n"
                            "  genqd serve --config /etc/genqd/genqd.toml --log-format json\n"
                            "Signals: TERM and INT finish what is in flight and exit 0, a second one ends at once;\n"
                            "HUP reads configuration, tokens and catalogue again.");
    auto arguments = std::make_shared<app::ServeArguments>();
    app->add_option("--config", arguments->config_file,
                    fmt::format("The configuration file ({})", app::default_config_file))
        ->type_name("FILE");
    app->add_option("--state", arguments->state_dir, "The state directory (state.dir)")->type_name("DIR");
    app->add_option("--listen", arguments->listen, "An address to serve on; may be repeated (http.listen)")
        ->type_name("ADDRESS")
        ->expected(1)
        ->take_all()
        ->allow_extra_args(false);
    app->add_flag("--insecure", arguments->insecure, "Serve other machines without tokens");
    app->add_flag("--sandbox", arguments->sandbox,
                  "Work against a stand-in for kie.ai in this process; the state is in ./genqd-sandbox");
    app->add_option("--sandbox-speed", arguments->sandbox_speed, "How much faster than kie.ai its tasks are (10)")
        ->type_name("N")
        ->range(0.01, 10'000.0);
    app->add_option("--sandbox-faults", arguments->sandbox_faults, "File with faults that the stand-in plays (JSON)")
        ->type_name("FILE");
    app->add_option("--log-level", arguments->log_level, "debug, info, warn or error (log.level)")
        ->type_name("LEVEL")
        ->one_of({"debug", "info", "warn", "error"});
    app->add_option("--log-format", arguments->log_format, "text or json (log.format)")
        ->type_name("FORMAT")
        ->one_of({"text", "json"});
    app->add_option("--address-file", arguments->address_file,
                    "Write the first address served on into this file, once requests are answered")
        ->type_name("FILE");
    program.on_run(app, [&program, arguments] { return app::serve(*arguments, program.environment); });
}

}  // namespace genq::cli
