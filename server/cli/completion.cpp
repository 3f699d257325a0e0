#include "server/cli/completion.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "server/domain/family.hpp"
#include "server/domain/job_status.hpp"

namespace genq::cli {
namespace {

template <class Enums>
Candidates names_of_all(const Enums& values) {
    Candidates found;
    for (const auto value : values) found.words.push_back({std::string(to_string(value)), ""});
    return found;
}

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

Candidates values_of(const CLI::Option& option, const LiveWords& live) {
    const auto& name = option.get_single_name();
    const auto type = option.get_type_name();
    if (auto values = listed_values(type); !values.empty()) return plain(std::move(values));
    if (name == "status") return names_of_all(all_job_statuses);
    if (name == "family") return names_of_all(all_families);
    if (name == "kind") return plain(live("kinds"));
    if (name == "billed") return plain({"no", "yes", "unknown"});
    if (name == "scope") return plain({"submit", "read", "admin"});
    if (name == "use") return plain(live("uses"));
    if (name == "profile") return plain(live("profiles"));
    if (name == "model" || name == "MODEL") return plain(live("models"));
    if (name == "JOB") return plain(live("jobs"));
    Candidates found;
    found.files = type.starts_with("FILE") || name == "FILE" || name == "file";
    found.folders = type.starts_with("DIR") || name == "DIR";
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
    std::size_t arguments = 0;  // without dashes, so far
    for (const auto& word : words.first(words.empty() ? 0 : words.size() - 1)) {
        if (waiting != nullptr) {
            waiting = nullptr;
        } else if (word.starts_with("-")) {
            waiting = waits_for_value(*app, word);
        } else if (const auto* below = subcommand_named(*app, word); below != nullptr) {
            app = below;
            arguments = 0;
        } else {
            ++arguments;
        }
    }
    if (waiting != nullptr) return values_of(*waiting, live);
    if (!words.empty() && words.back().starts_with("-")) return options_of(*app);
    if (auto found = subcommands_of(*app); !found.words.empty()) return found;
    const auto takes = app->get_options([](const CLI::Option* option) { return option->get_positional(); });
    if (takes.empty()) return {};
    if (arguments < takes.size()) return values_of(*takes[arguments], live);
    return takes.back()->get_items_expected_max() > 1 ? values_of(*takes.back(), live) : Candidates{};
}

}  // namespace genq::cli
