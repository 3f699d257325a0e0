#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "server/app/stand_in.hpp"
#include "server/cli/command.hpp"

namespace genq::cli {

void add_sandbox(Program& program) {
    auto* app =
        program.add("sandbox", "Run the stand-in for kie.ai alone, for tests of any client",
                    "  genqd sandbox --listen 127.0.0.1:9000 --speed 20\n"
                    "  GENQD_UPSTREAM__BASE_URL=http://127.0.0.1:9000 KIE_API_KEY=x genqd serve --state ./state\n"
                    "Its address is printed once it answers. TERM and INT end it.");
    auto arguments = std::make_shared<app::StandInArguments>();
    app->add_option("--listen", arguments->listen, "The address to serve on (127.0.0.1:0)")->type_name("ADDRESS");
    app->add_option("--speed", arguments->speed, "How much faster than kie.ai its tasks are (1)")
        ->type_name("N")
        ->range(0.01, 10'000.0);
    app->add_option("--limit", arguments->limit, "API requests it takes in any window; 0: no limit (20)")
        ->type_name("N")
        ->range(0, 1'000'000);
    app->add_option("--window", arguments->window_s, "The window's length in seconds (10)")
        ->type_name("SECONDS")
        ->range(1, 3600);
    app->add_option("--hmac-key", arguments->hmac_key, "Sign its callbacks with this key")->type_name("KEY");
    app->add_option("--faults", arguments->faults, "File with faults to play (JSON)")->type_name("FILE");
    program.on_run(app, [arguments] {
        return app::run_stand_in(*arguments, [](const std::string& url) {
            fmt::print("{}\n", url);
            std::fflush(stdout);
        });
    });
}

}  // namespace genq::cli
