#include <fmt/format.h>

#include <memory>

#include "server/cli/command.hpp"
#include "server/cli/completion_script.hpp"
#include "server/cli/exit_code.hpp"

namespace genq::cli {

void add_completion(Program& program) {
    auto* app = program.add("completion", "Print the script by which a shell completes the words of this program",
                            "  source <(genqd completion bash)          # in ~/.bashrc\n"
                            "  source <(genqd completion zsh)           # in ~/.zshrc, behind compinit\n"
                            "  genqd completion fish | source           # in ~/.config/fish/config.fish\n"
                            "The Debian package brings it by itself.");
    auto shell = std::make_shared<std::string>();
    app->add_option("SHELL", *shell, "bash, zsh or fish")->required()->type_name("")->one_of({"bash", "zsh", "fish"});
    program.on_run(app, [shell] {
        fmt::print("{}", completion_script(*shell));
        return exit_success;
    });
}

}  // namespace genq::cli
