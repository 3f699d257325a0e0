#include "server/app/profiles.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <filesystem>

namespace genq::app {
namespace {

std::string home(const Environment& environment) {
    return find(environment, "HOME").value_or("");
}

std::string names_of(const toml::table& profiles) {
    std::string names;
    for (const auto& [name, value] : profiles) {
        if (!names.empty()) names += ", ";
        names += name.str();
    }
    return names.empty() ? "none" : names;
}

Result<Profile> read_table(const toml::table& table, const std::filesystem::path& folder,
                           const Environment& environment) {
    Profile profile;
    for (const auto& [key, value] : table) {
        if (key != "url" && key != "token_file") {
            return fail(errc::invalid_argument, fmt::format("unknown key {}; there are: url, token_file", key.str()));
        }
        const auto* text = value.as_string();
        if (text == nullptr) return fail(errc::invalid_argument, fmt::format("{} has to be a text", key.str()));
        (key == "url" ? profile.url : profile.token_file) = text->get();
    }
    if (profile.url.empty()) return fail(errc::invalid_argument, "url is missing");
    if (!profile.token_file.empty()) profile.token_file = folder / expand_home(profile.token_file, environment);
    return profile;
}

}  // namespace

std::string profiles_file(const Environment& environment) {
    if (const auto folder = find(environment, "XDG_CONFIG_HOME")) return *folder + "/genqd/profiles.toml";
    const auto folder = home(environment);
    return folder.empty() ? "" : folder + "/.config/genqd/profiles.toml";
}

Result<Profile> read_profile(const std::string& name, const Environment& environment) {
    const auto file = profiles_file(environment);
    std::error_code error;
    if (file.empty() || !std::filesystem::exists(file, error)) {
        return fail(errc::not_found,
                    fmt::format("the profile {} is not known: there is no {}. Write into it:\n  [{}]\n  url = "
                                "\"https://HOST\"\n  token_file = \"~/.config/genqd/{}.token\"",
                                name, file.empty() ? "home directory" : file, name, name));
    }
    toml::table profiles;
    try {
        profiles = toml::parse_file(file);
    } catch (const toml::parse_error& mistake) {
        return fail(errc::invalid_argument,
                    fmt::format("{}:{}: {}", file, mistake.source().begin.line, mistake.description()));
    }
    const auto* table = profiles[name].as_table();
    if (table == nullptr) {
        return fail(errc::not_found, fmt::format("{} has no profile [{}]; it has: {}", file, name, names_of(profiles)));
    }
    auto profile = read_table(*table, std::filesystem::path(file).parent_path(), environment);
    if (!profile) return fail(errc::invalid_argument, fmt::format("{}: [{}]: {}", file, name, profile.error().detail));
    return profile;
}

std::string expand_home(std::string path, const Environment& environment) {
    if (path.starts_with("~/")) path.replace(0, 1, home(environment));
    return path;
}

std::vector<std::string> profile_names(const Environment& environment) {
    std::vector<std::string> names;
    try {
        for (const auto& [name, value] : toml::parse_file(profiles_file(environment))) names.emplace_back(name.str());
    } catch (const toml::parse_error&) {
        return {};
    }
    return names;
}

}  // namespace genq::app
