#pragma once
#include <deque>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "server/app/environment.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace genq::cli {

// CLI11 stands behind these two, in command.cpp and run.cpp alone: a file that includes it takes seconds to compile,
// with sanitizers most of what the file takes at all. Names and meaning are CLI11's. They live as long as the Program.

/// What a subcommand takes: `--option VALUE`, `--flag`, or an argument without dashes.
class Option {
  public:
    explicit Option(CLI::Option& option) : option_(option) {}

    Option* type_name(const std::string& name);
    Option* required();
    Option* expected(int values);
    Option* take_all();
    Option* allow_extra_args(bool allowed);
    Option* range(double from, double to);
    Option* range(int from, int to);
    Option* one_of(std::initializer_list<const char*> values);
    Option* needs(const Option* other);
    Option* excludes(const Option* other);

  private:
    CLI::Option& option_;
};

/// A subcommand, whose options are bound to variables that outlive the parsing.
class Subcommand {
  public:
    explicit Subcommand(CLI::App& app) : app_(app) {}

    /// For the types of values that command.cpp instantiates it for.
    template <typename Value>
    Option* add_option(const std::string& name, Value& value, const std::string& about);
    Option* add_flag(const std::string& name, bool& value, const std::string& about);
    void require_subcommand(int count);
    [[nodiscard]] CLI::App& app() const { return app_; }

  private:
    CLI::App& app_;
    std::deque<Option> options_;
};

/// A subcommand's work, once its arguments are parsed. `run` returns the exit code.
struct Command {
    const Subcommand* subcommand = nullptr;
    std::function<int()> run;
};

/// What the subcommands hang on to. Lives until the program ends.
struct Program {
    CLI::App& root;
    app::Environment environment;  ///< the process's own
    std::vector<Command> commands{};
    std::deque<Subcommand> subcommands{};

    /// Adds a subcommand with its examples as the footer of its --help.
    Subcommand* add(const std::string& name, const std::string& about, const std::string& examples,
                    const Subcommand* parent = nullptr);
    void on_run(const Subcommand* subcommand, std::function<int()> run) {
        commands.push_back({subcommand, std::move(run)});
    }
};

// One file each.
void add_serve(Program& program);
void add_sandbox(Program& program);
void add_submit(Program& program);
void add_batch(Program& program);
void add_wait(Program& program);
void add_status(Program& program);
void add_list(Program& program);
void add_events(Program& program);
void add_watch(Program& program);
void add_logs(Program& program);
void add_open(Program& program);
void add_get(Program& program);
void add_cancel(Program& program);
void add_retry(Program& program);
void add_delete(Program& program);
void add_deliveries(Program& program);
void add_put(Program& program);
void add_queue(Program& program);
void add_pause(Program& program);
void add_resume(Program& program);
void add_models(Program& program);
void add_credits(Program& program);
void add_usage(Program& program);
void add_config(Program& program);
void add_migrate(Program& program);
void add_backup(Program& program);
void add_verify(Program& program);
void add_gc(Program& program);
void add_token(Program& program);
void add_version(Program& program);
void add_complete(Program& program);
void add_manual(Program& program);
void add_help(Program& program);
void add_completion(Program& program);

/// All of them.
void add_subcommands(Program& program);

}  // namespace genq::cli
