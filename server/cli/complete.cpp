#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <set>

#include "server/app/profiles.hpp"
#include "server/cli/client_command.hpp"
#include "server/cli/completion.hpp"
#include "server/cli/dotenv.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/format.hpp"

namespace genq::cli {
namespace {

constexpr std::chrono::seconds patience{2};  // nobody waits longer for a word

// What the line that is being written says of the daemon.
ClientOptions options_in(const std::vector<std::string>& words) {
    ClientOptions options;
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        if (words[i] == "--url") options.url = words[i + 1];
        if (words[i] == "--token-file") options.token_file = words[i + 1];
        if (words[i] == "--profile") options.profile = words[i + 1];
    }
    return options;
}

std::vector<std::string> words_of_daemon(std::string_view what, const ClientOptions& options,
                                         const app::Environment& environment) {
    std::vector<std::string> words;
    const auto endpoint = find_endpoint(options, environment, read_dotenv());
    if (!endpoint) return words;
    const bool jobs = what == "jobs";
    boost::json::value body;
    with_client(*endpoint, [&](Client& client) {
        const auto answer = client.send({.target = jobs ? "/v1/jobs?limit=50" : "/v1/models", .limit = patience});
        if (answer && answer->status == 200) body = body_of(*answer);
    });
    std::set<std::string> kinds;
    for (const auto& entry : array_at(body, jobs ? "jobs" : "models")) {
        kinds.insert(text_at(entry, "kind"));
        if (jobs || what == "models") words.push_back(text_at(entry, "id"));
        for (const auto& use : array_at(entry, "uses")) {
            if (what == "uses") words.push_back(text_at(use, "use"));
        }
    }
    if (what == "kinds") words.assign(kinds.begin(), kinds.end());
    return words;
}

int complete(const CLI::App& root, const std::vector<std::string>& words, const app::Environment& environment) {
    const auto live = [&](std::string_view what) {
        return what == "profiles" ? app::profile_names(environment)
                                  : words_of_daemon(what, options_in(words), environment);
    };
    const auto found = find_candidates(root, words, live);
    if (found.files) fmt::print(":files\n");
    if (found.folders) fmt::print(":folders\n");
    const std::string_view begun = words.empty() ? std::string_view() : words.back();
    for (const auto& word : found.words) {
        if (word.text.starts_with(begun)) fmt::print("{}\t{}\n", printable(word.text), printable(word.about));
    }
    return exit_success;
}

}  // namespace

void add_complete(Program& program) {
    auto* app =
        program.add("complete", "Print what may stand in the place of the last word, for the shells' completion",
                    "  genqd complete -- submit --la\nEach line is a word, a tab and what it is; :files and "
                    ":folders leave it to the shell.");
    auto words = std::make_shared<std::vector<std::string>>();
    app->add_option("WORD", *words, "The words behind `genqd`, the last one being written")->type_name("");
    program.on_run(app, [&program, words] { return complete(program.root, *words, program.environment); });
}

}  // namespace genq::cli
