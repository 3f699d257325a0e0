#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <set>

#include "common/http/url.hpp"
#include "server/app/config.hpp"
#include "server/app/profiles.hpp"
#include "server/app/tokens.hpp"
#include "server/cli/client_command.hpp"
#include "server/cli/completion.hpp"
#include "server/cli/dotenv.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/format.hpp"

namespace genq::cli {
namespace {

constexpr std::chrono::seconds patience{2};  // nobody waits longer for a word

using Words = std::vector<Candidates::Word>;

// The value that the line being written gives an option.
std::string said(const std::vector<std::string>& words, const std::string& option) {
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        if (words[i] == option) return words[i + 1];
        if (words[i].starts_with(option + "=")) return words[i].substr(option.size() + 1);
    }
    return "";
}

boost::json::value answer_to(const std::string& target, const std::vector<std::string>& words,
                             const app::Environment& environment) {
    const auto endpoint = find_endpoint(
        {.url = said(words, "--url"), .token_file = said(words, "--token-file"), .profile = said(words, "--profile")},
        environment, read_dotenv());
    boost::json::value body;
    if (!endpoint) return body;
    with_client(*endpoint, [&](Client& client) {
        const auto answer = client.send({.target = target, .limit = patience});
        if (answer && answer->status == 200) body = body_of(*answer);
    });
    return body;
}

// Each word once, as a set has it.
Words distinct(const std::set<std::string>& texts) {
    Words words;
    for (const auto& text : texts) {
        if (!text.empty()) words.push_back({text, ""});
    }
    return words;
}

Words of_jobs(std::string_view what, const boost::json::value& body) {
    Words words;
    std::set<std::string> texts;
    for (const auto& job : array_at(body, "jobs")) {
        if (what == "jobs") {
            words.push_back({text_at(job, "id"), text_at(job, "status") + " " + text_at(job, "model")});
        } else {
            texts.insert(text_at(job, what == "callers" ? "caller" : "batch_id"));
        }
    }
    return what == "jobs" ? words : distinct(texts);
}

Words of_models(std::string_view what, const boost::json::value& body) {
    Words words;
    std::set<std::string> kinds;
    for (const auto& model : array_at(body, "models")) {
        kinds.insert(text_at(model, "kind"));
        if (what == "models") words.push_back({text_at(model, "id"), text_at(model, "name")});
        for (const auto& use : array_at(model, "uses")) {
            if (what == "uses") words.push_back({text_at(use, "use"), text_at(use, "title")});
        }
    }
    return what == "kinds" ? distinct(kinds) : words;
}

// `KEY=` of each field, or `KEY=VALUE` of those whose values are known.
Words of_fields(std::string_view what, const boost::json::value& model) {
    Words words;
    const auto* fields = at(model, "input.properties").if_object();
    if (fields == nullptr) return words;
    for (const auto& [name, field] : *fields) {
        const auto key = std::string(name) + "=";
        if (what == "fields") words.push_back({key, text_at(field, "description")});
        if (what != "values") continue;
        for (const auto& value : array_at(field, "enum")) {
            words.push_back({key + text_at(boost::json::object{{"v", value}}, "v"), ""});
        }
        if (text_at(field, "type") == "boolean") words.insert(words.end(), {{key + "true", ""}, {key + "false", ""}});
    }
    return words;
}

Words names_of_tokens(const std::vector<std::string>& words, const app::Environment& environment) {
    auto file = said(words, "--file");
    if (file.empty()) {
        const auto loaded = app::load_config(said(words, "--config"), environment);
        if (loaded) file = loaded->config.auth.tokens_file;
    }
    Words names;
    const auto tokens = app::load_tokens(file);
    if (!tokens) return names;
    for (const auto& token : *tokens) names.push_back({token.name, ""});
    return names;
}

int complete(const CLI::App& root, const std::vector<std::string>& words, const app::Environment& environment) {
    const auto live = [&](std::string_view what, const std::string& of) {
        if (what == "tokens") return names_of_tokens(words, environment);
        if (what == "profiles") {
            Words names;
            for (auto& name : app::profile_names(environment)) names.push_back({std::move(name), ""});
            return names;
        }
        if (what == "jobs" || what == "callers" || what == "batches") {
            return of_jobs(what, answer_to("/v1/jobs?limit=50", words, environment));
        }
        if (of.empty()) return of_models(what, answer_to("/v1/models", words, environment));
        return of_fields(what, answer_to("/v1/models/" + http::percent_encode(of), words, environment));
    };
    const auto found = find_candidates(root, words, live);
    if (found.files) fmt::print(":files\t{}\n", found.before_path);
    if (found.folders) fmt::print(":folders\t{}\n", found.before_path);
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
                    ":folders leave it to the shell,\nwith what stands in the word before the path.");
    auto words = std::make_shared<std::vector<std::string>>();
    app->add_option("WORD", *words, "The words behind `genqd`, the last one being written")->type_name("");
    program.on_run(app, [&program, words] { return complete(program.root, *words, program.environment); });
}

}  // namespace genq::cli
