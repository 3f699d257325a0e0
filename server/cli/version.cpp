#include <fmt/format.h>

#include <memory>

#include "server/app/version.hpp"
#include "server/cli/client_command.hpp"
#include "server/cli/exit_code.hpp"

namespace genq::cli {

void add_version(Program& program) {
    auto* app = program.add("version", "Print the program's version", "  genqd version");
    auto json = std::make_shared<bool>(false);
    app->add_flag("--json", *json, "Print JSON for programs");
    program.on_run(app, [json] {
        if (*json) {
            print_json(boost::json::object{{"version", std::string(app::version())}});
        } else {
            fmt::print("genqd {}\n", app::version());
        }
        return exit_success;
    });
}

}  // namespace genq::cli
