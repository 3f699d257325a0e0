#pragma once
#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "server/app/environment.hpp"

namespace genq::cli {

/// A subcommand: its arguments, and what to do once they are parsed. `run` returns the exit code.
struct Command {
    CLI::App* app = nullptr;
    std::function<int()> run;
};

/// What the subcommands hang on to. Lives until the program ends.
struct Program {
    CLI::App& root;
    app::Environment environment;  ///< with the .env file of the working directory, for client subcommands
    std::vector<Command> commands;

    /// Adds a subcommand with its examples as the footer of its --help.
    CLI::App* add(const std::string& name, const std::string& about, const std::string& examples,
                  CLI::App* parent = nullptr) {
        CLI::App* made = (parent == nullptr ? &root : parent)->add_subcommand(name, about);
        made->footer("Examples:\n" + examples);
        return made;
    }
    void on_run(CLI::App* app, std::function<int()> run) { commands.push_back({app, std::move(run)}); }
};

// One file each.
void add_serve(Program& program);
void add_sandbox(Program& program);
void add_submit(Program& program);
void add_wait(Program& program);
void add_status(Program& program);
void add_list(Program& program);
void add_get(Program& program);
void add_cancel(Program& program);
void add_retry(Program& program);
void add_queue(Program& program);
void add_pause(Program& program);
void add_resume(Program& program);
void add_models(Program& program);
void add_credits(Program& program);
void add_config(Program& program);
void add_migrate(Program& program);
void add_backup(Program& program);
void add_verify(Program& program);
void add_gc(Program& program);
void add_token(Program& program);
void add_version(Program& program);

}  // namespace genq::cli
