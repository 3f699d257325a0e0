#include "server/cli/completion.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "server/cli/closed_values.hpp"

namespace genq::cli {
namespace {

Candidates plain(std::vector<std::string> texts) {
    Candidates found;
    for (auto& text : texts) found.words.push_back({std::move(text), ""});
    return found;
}

// "LEVEL:{debug,info}" names the values that CLI11 lets pass.
std::vector<std::string> listed_values(const std::string& type) {
    std::vector<std::string> values;
    const auto open = type.find('{');
    const auto close = type.find('}');
    if (open == std::string::npos || close == std::string::npos) return values;
    for (std::size_t from = open + 1; from < close;) {
        const auto end = std::min(type.find(',', from), close);
        values.push_back(type.substr(from, end - from));
        from = end + 1;
    }
    return values;
}

// The values of an option or argument, behind the subcommand that takes it.
Candidates values_of(const CLI::App& app, const CLI::Option& option, const LiveWords& live) {
    const auto& name = option.get_single_name();
    const auto type = option.get_type_name();
    const auto from = [&](const char* what) {
        Candidates found;
        found.words = live(what, "");
        return found;
    };
    if (auto values = listed_values(type); !values.empty()) return plain(std::move(values));
    if (auto values = closed_values(name); !values.empty()) return plain(std::move(values));
    if (name == "kind") return from("kinds");
    if (name == "by") return plain({"model", "caller", "label."});
    if (name == "use") return from("uses");
    if (name == "caller") return from("callers");
    if (name == "batch-id") return from("batches");
    if (name == "profile") return from("profiles");
    if (name == "model" || name == "MODEL") return from("models");
    if (name == "JOB") return from("jobs");
    if (name == "NAME" && app.get_name() == "revoke") return from("tokens");
    Candidates found;
    found.files = type.starts_with("FILE") || name == "FILE" || name == "file";
    found.folders = type.starts_with("DIR") || name == "DIR";
    return found;
}

// The values behind what stands before them in the word.
Candidates behind(const std::string& beginning, Candidates found) {
    for (auto& word : found.words) word.text.insert(0, beginning);
    found.before_path = beginning;
    return found;
}

// Where a list is being written (`queued,fai`), what of it is finished.
std::string finished_part(const CLI::Option& option, std::string_view value) {
    const auto comma = option.get_type_name() == "LIST" ? value.rfind(',') : std::string_view::npos;
    return comma == std::string_view::npos ? "" : std::string(value.substr(0, comma + 1));
}

// `KEY=…`: a file behind `=@`, else what the model's schema names.
Candidates input_of(const std::string& model, const std::string& word, const LiveWords& live) {
    const auto equals = word.find('=');
    Candidates found;
    if (word.substr(std::min(equals, word.size())).starts_with("=@")) {
        found.files = true;
        found.before_path = word.substr(0, equals + 2);
        return found;
    }
    found.words = live(equals == std::string::npos ? "fields" : "values", model);
    return found;
}

// The option that a word names and that takes its value from the next word.
const CLI::Option* waits_for_value(const CLI::App& app, const std::string& word) {
    if (!word.starts_with("-") || word.find('=') != std::string::npos) return nullptr;
    const auto* option = app.get_option_no_throw(word);
    return option != nullptr && option->get_items_expected_max() > 0 ? option : nullptr;
}

Candidates options_of(const CLI::App& app) {
    Candidates found;
    for (const auto* option : app.get_options()) {
        for (const auto& name : option->get_lnames()) found.words.push_back({"--" + name, option->get_description()});
    }
    return found;
}

Candidates subcommands_of(const CLI::App& app) {
    Candidates found;
    for (const auto* each : app.get_subcommands([](const CLI::App*) { return true; })) {
        if (!each->get_group().empty()) found.words.push_back({each->get_name(), each->get_description()});
    }
    return found;
}

}  // namespace

const CLI::App* subcommand_named(const CLI::App& app, const std::string& name) {
    for (const auto* each : app.get_subcommands([](const CLI::App*) { return true; })) {
        if (each->get_name() == name) return each;
    }
    return nullptr;
}

Candidates find_candidates(const CLI::App& root, std::span<const std::string> words, const LiveWords& live) {
    const CLI::App* app = &root;
    const CLI::Option* waiting = nullptr;
    std::vector<std::string> arguments;  // without dashes, so far
    for (const auto& word : words.first(words.empty() ? 0 : words.size() - 1)) {
        if (waiting != nullptr) {
            waiting = nullptr;
        } else if (word.starts_with("-")) {
            waiting = waits_for_value(*app, word);
        } else if (const auto* below = subcommand_named(*app, word); below != nullptr) {
            app = below;
            arguments.clear();
        } else {
            arguments.push_back(word);
        }
    }
    const std::string current = words.empty() ? "" : words.back();
    if (waiting != nullptr) return behind(finished_part(*waiting, current), values_of(*app, *waiting, live));
    if (const auto equals = current.find('='); current.starts_with("--") && equals != std::string::npos) {
        const auto* option = app->get_option_no_throw(current.substr(0, equals));
        if (option == nullptr) return {};
        const auto finished = finished_part(*option, std::string_view(current).substr(equals + 1));
        return behind(current.substr(0, equals + 1) + finished, values_of(*app, *option, live));
    }
    if (current.starts_with("-")) return options_of(*app);
    if (auto found = subcommands_of(*app); !found.words.empty()) return found;
    const auto takes = app->get_options([](const CLI::Option* option) { return option->get_positional(); });
    if (takes.empty()) return {};
    const auto* argument = arguments.size() < takes.size() ? takes[arguments.size()] : takes.back();
    if (arguments.size() >= takes.size() && argument->get_items_expected_max() <= 1) return {};
    if (argument->get_single_name() == "INPUT") return input_of(arguments.front(), current, live);
    return values_of(*app, *argument, live);
}

}  // namespace genq::cli
