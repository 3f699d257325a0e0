#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "common/core/random.hpp"
#include "server/app/config.hpp"
#include "server/app/tokens.hpp"
#include "server/app/url_keys.hpp"
#include "server/cli/client_command.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/format.hpp"
#include "server/cli/say.hpp"

namespace genq::cli {
namespace {

struct Arguments {
    std::string file;
    std::string config;
    std::string name;
    std::vector<std::string> scopes;
};

struct RotateArguments {
    std::string state;
    std::string config;
};

// The file that is named, else the one that the configuration names.
Result<std::string> tokens_file(const Arguments& arguments, const app::Environment& environment) {
    if (!arguments.file.empty()) return arguments.file;
    auto loaded = app::load_config(arguments.config, environment);
    if (!loaded) return std::unexpected(loaded.error());
    return loaded->config.auth.tokens_file;
}

int report_local(const Error& error) {
    say("{}\n", error.detail);
    return error.code == errc::io ? exit_failed : exit_usage;
}

int make_new(const Arguments& arguments, const app::Environment& environment) {
    const auto file = tokens_file(arguments, environment);
    if (!file) return report_local(file.error());
    SystemRandom random;
    auto made = app::make_token(random, arguments.name, arguments.scopes);
    if (!made) return report_local(made.error());
    const auto saved = app::update_tokens(*file, [&](std::vector<api::Token>& tokens) -> Result<void> {
        if (std::ranges::find(tokens, arguments.name, &api::Token::name) != tokens.end()) {
            return fail(errc::invalid_argument,
                        fmt::format("There is a token named {} already in {}; `genqd token revoke {}` removes it.",
                                    arguments.name, *file, arguments.name));
        }
        tokens.push_back(made->entry);
        return {};
    });
    if (!saved) return report_local(saved.error());
    const auto line = made->token + '\n';
    if (std::fputs(line.c_str(), stdout) < 0 || std::fflush(stdout) != 0) {
        const int reason = errno;
        const auto undone = app::update_tokens(*file, [&](std::vector<api::Token>& tokens) -> Result<void> {
            std::erase_if(tokens, [&](const auto& token) { return token.name == arguments.name; });
            return {};
        });
        say("The token could not be shown ({}), so {}.\n", std::strerror(reason),
            undone ? "there is none" : fmt::format("revoke it: `genqd token revoke {}`", arguments.name));
        return exit_failed;
    }
    say("This is the only time that the token is shown. A running daemon takes it at a reload (SIGHUP).\n");
    return exit_success;
}

int list(const Arguments& arguments, const app::Environment& environment, bool json) {
    const auto file = tokens_file(arguments, environment);
    if (!file) return report_local(file.error());
    const auto tokens = app::load_tokens(*file);
    if (!tokens) return report_local(tokens.error());
    std::vector<std::vector<std::string>> rows{{"NAME", "SCOPES"}};
    boost::json::array entries;
    for (const auto& token : *tokens) {
        std::string scopes;
        boost::json::array words;
        for (const auto scope : {api::Scope::submit, api::Scope::read, api::Scope::admin}) {
            if (!token.scopes.has(scope)) continue;
            scopes += fmt::format("{}{}", scopes.empty() ? "" : ", ", api::to_string(scope));
            words.emplace_back(std::string(api::to_string(scope)));
        }
        rows.push_back({token.name, scopes});
        entries.push_back(boost::json::object{{"name", token.name}, {"scopes", std::move(words)}});
    }
    if (json) {
        print_json(boost::json::object{{"tokens", std::move(entries)}});
    } else {
        fmt::print("{}", render_table(rows));
    }
    return exit_success;
}

int revoke(const Arguments& arguments, const app::Environment& environment) {
    const auto file = tokens_file(arguments, environment);
    if (!file) return report_local(file.error());
    bool last = false;
    const auto saved = app::update_tokens(*file, [&](std::vector<api::Token>& tokens) -> Result<void> {
        if (std::erase_if(tokens, [&](const auto& token) { return token.name == arguments.name; }) == 0) {
            return fail(errc::invalid_argument,
                        fmt::format("There is no token named {} in {}.", arguments.name, *file));
        }
        last = tokens.empty();
        return {};
    });
    if (!saved) return report_local(saved.error());
    if (last) {
        say("It was the last one, and a reload does not open the API to everybody: a running daemon takes it "
            "until it is stopped, or has another at a reload.\n");
    } else {
        say("A running daemon forgets it at a reload (SIGHUP).\n");
    }
    return exit_success;
}

int rotate(const RotateArguments& arguments, const app::Environment& environment) {
    std::string state = arguments.state;
    if (state.empty()) {
        auto loaded = app::load_config(arguments.config, environment);
        if (!loaded) return report_local(loaded.error());
        state = loaded->config.state.dir;
    }
    SystemRandom random;
    if (const auto done = app::rotate_url_keys(state, random); !done) return report_local(done.error());
    say("New URLs are signed with the new key after a reload (SIGHUP); those of the last key hold on, older ones "
        "don't.\n");
    return exit_success;
}

}  // namespace

void add_token(Program& program) {
    auto* token =
        program.add("token", "Make, list and revoke the tokens that the API takes; rotate the key of signed URLs",
                    "  genqd token new ci --scope submit --scope read\n  genqd token list\n"
                    "  genqd token revoke ci");
    token->require_subcommand(1);
    auto arguments = std::make_shared<Arguments>();
    auto json = std::make_shared<bool>(false);
    auto* made = program.add("new", "Make a token and print it once",
                             "  genqd token new ci --scope submit --scope read --file tokens.toml", token);
    auto* listed = program.add("list", "List names and scopes", "  genqd token list", token);
    auto* revoked = program.add("revoke", "Remove a token", "  genqd token revoke ci", token);
    auto* rotated = program.add("rotate-url-key", "Make a new key for signed URLs; the last one holds on beside it",
                                "  genqd token rotate-url-key --state /var/lib/genqd && systemctl reload genqd", token);
    auto rotation = std::make_shared<RotateArguments>();
    rotated->add_option("--state", rotation->state, "The state directory (else state.dir of the configuration)")
        ->type_name("DIR");
    rotated->add_option("--config", rotation->config, "The configuration file")->type_name("FILE");
    for (auto* app : {made, listed, revoked}) {
        app->add_option("--file", arguments->file, "The tokens file (else auth.tokens_file of the configuration)")
            ->type_name("FILE");
        app->add_option("--config", arguments->config, "The configuration file")->type_name("FILE");
    }
    for (auto* app : {made, revoked}) {
        app->add_option("NAME", arguments->name, "Who the token is for")->required()->type_name("");
    }
    made->add_option("--scope", arguments->scopes, "submit, read or admin; may be repeated (submit and read)")
        ->type_name("SCOPE")
        ->expected(1)
        ->take_all()
        ->allow_extra_args(false);
    listed->add_flag("--json", *json, "Print JSON for programs");
    program.on_run(made, [=, &program] { return make_new(*arguments, program.environment); });
    program.on_run(listed, [=, &program] { return list(*arguments, program.environment, *json); });
    program.on_run(rotated, [=, &program] { return rotate(*rotation, program.environment); });
    program.on_run(revoked, [=, &program] { return revoke(*arguments, program.environment); });
}

}  // namespace genq::cli
