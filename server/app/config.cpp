#include "server/app/config.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "server/app/config_keys.hpp"

namespace genq::app {
namespace {

// Reads a TOML node as what a key may hold; nullopt for dates, tables and mixed lists.
std::optional<RawValue> raw_value(const toml::node& node) {
    if (const auto* text = node.as_string()) return RawValue(text->get());
    if (const auto* flag = node.as_boolean()) return RawValue(flag->get());
    if (const auto* whole = node.as_integer()) return RawValue(whole->get());
    if (const auto* real = node.as_floating_point()) return RawValue(real->get());
    if (const auto* array = node.as_array()) {
        std::vector<std::string> list;
        for (const auto& entry : *array) {
            const auto* text = entry.as_string();
            if (text == nullptr) return std::nullopt;
            list.push_back(text->get());
        }
        return RawValue(std::move(list));
    }
    return std::nullopt;
}

bool is_section(std::string_view path) {
    for (const Key& key : config_keys()) {
        if (key.section == path || (key.section.starts_with(path) && key.section[path.size()] == '.')) return true;
    }
    return false;
}

// What stands beside an unknown name: the keys or sections that there are.
std::string known_names(std::string_view section) {
    std::vector<std::string_view> names;
    for (const Key& key : config_keys()) {
        const auto name = section.empty() ? key.section.substr(0, key.section.find('.')) : key.name;
        if (!section.empty() && key.section != section) continue;
        if (names.empty() || names.back() != name) names.push_back(name);
    }
    if (section == "poll") return "image, video, audio, midjourney";
    return fmt::format("{}", fmt::join(names, ", "));
}

/// A variable's name with all underscores single.
std::string plain(std::string_view variable) {
    std::string result;
    for (const char c : variable) {
        if (c != '_' || !result.ends_with('_')) result += c;
    }
    return result;
}

/// Whether a variable means to be a key: by its two underscores, or since it begins with a section's name. The client
/// has variables too (GENQD_URL).
bool is_ours(std::string_view variable) {
    if (!variable.starts_with("GENQD_")) return false;
    if (variable.find("__") != std::string_view::npos) return true;
    return std::ranges::any_of(config_keys(), [&](const Key& key) {
        const auto whole = key.variable();
        return variable.starts_with(whole.substr(0, whole.find("__") + 1));
    });
}

class Loader {
  public:
    explicit Loader(std::string_view name) : name_(name) {}

    void read_table(const toml::table& table, const std::string& section) {
        for (const auto& [name, node] : table) {
            const std::string path =
                section.empty() ? std::string(name.str()) : fmt::format("{}.{}", section, name.str());
            const auto place = fmt::format("{}:{}", name_, name.source().begin.line);
            if (const Key* key = find_key(path)) {
                const auto value = raw_value(node);
                set(*key, value, place);
            } else if (is_section(path)) {
                if (const auto* inner = node.as_table()) {
                    read_table(*inner, path);
                } else {
                    fault("{}: {} is a section: write [{}]", place, path, path);
                }
            } else if (section.empty()) {
                fault("{}: unknown {} {}; there are: {}", place, node.is_table() ? "section" : "key", path,
                      known_names(""));
            } else {
                fault("{}: unknown key {}; [{}] has: {}", place, path, section, known_names(section));
            }
        }
    }

    void read_environment(const Environment& environment) {
        for (const auto& [name, text] : environment) {
            if (!is_ours(name)) continue;
            const auto& keys = config_keys();
            const auto key = std::ranges::find(keys, name, &Key::variable);
            if (key != keys.end()) {
                set(*key, from_text(*key, text), name);
                continue;
            }
            // Mostly an underscore is missing.
            const auto meant = std::ranges::find(keys, plain(name), [](const Key& k) { return plain(k.variable()); });
            if (meant != keys.end()) {
                fault("{}: no such key; {} is written {}", name, meant->path(), meant->variable());
            } else {
                fault("{}: no such key; variables are named GENQD_<SECTION>__<KEY>", name);
            }
        }
    }

    void check_together() {
        const Config& c = loaded_.config;
        if (c.shutdown.grace_s <= c.upstream.timeout_s) {
            fault(
                "{}: shutdown.grace_s ({}) has to be more than upstream.timeout_s ({}), so that a create in flight is "
                "never cut off",
                origin("shutdown.grace_s"), c.shutdown.grace_s, c.upstream.timeout_s);
        }
        if (c.http.tls_cert.empty() != c.http.tls_key.empty()) {
            fault("{}: http.tls_cert and http.tls_key go together: set both or neither",
                  origin(c.http.tls_cert.empty() ? "http.tls_key" : "http.tls_cert"));
        }
        exclude("callbacks.hmac_key", !c.callbacks.hmac_key.empty(), c.callbacks.hmac_key_file);
        exclude("webhooks.secrets", !c.webhooks.secrets.empty(), c.webhooks.secrets_file);
        exclude("tracing.headers", !c.tracing.headers.empty(), c.tracing.headers_file);
    }

    void fault_line(std::string line) { faults_.push_back(std::move(line)); }

    Result<LoadedConfig> finish() {
        if (!faults_.empty()) return fail(errc::invalid_argument, fmt::format("{}", fmt::join(faults_, "\n")));
        return std::move(loaded_);
    }

  private:
    template <class... Args>
    void fault(fmt::format_string<Args...> format, Args&&... args) {
        faults_.push_back(fmt::format(format, std::forward<Args>(args)...));
    }

    /// A secret and the file that it is in exclude each other, but that a variable wins over what the file has.
    void exclude(const std::string& secret, bool is_set, const std::string& file) {
        const auto from_variable = [&](const std::string& path) { return origin(path).starts_with("GENQD_"); };
        const auto other = secret + "_file";
        if (!is_set || file.empty() || from_variable(secret) != from_variable(other)) return;
        fault("{}: {} and {} exclude each other: set one of them", origin(other), secret, other);
    }

    void set(const Key& key, const std::optional<RawValue>& value, const std::string& place) {
        if (!value || !assign(key, *value, loaded_.config)) {
            fault("{}: {} has to be {}", place, key.path(), allowed_values(key));
            return;
        }
        loaded_.origins[key.path()] = place;
    }

    [[nodiscard]] std::string origin(std::string_view path) const {
        const auto found = loaded_.origins.find(path);
        return found == loaded_.origins.end() ? std::string(name_) : found->second;
    }

    std::string_view name_;
    LoadedConfig loaded_;
    std::vector<std::string> faults_;
};

}  // namespace

Result<LoadedConfig> parse_config(std::string_view text, std::string_view name, const Environment& environment) {
    Loader loader(name);
    try {
        const toml::table table = toml::parse(text, name);
        loader.read_table(table, "");
    } catch (const toml::parse_error& error) {
        // The parser stops at the first fault; variables would only add noise to it.
        return fail(errc::invalid_argument,
                    fmt::format("{}:{}: no TOML: {}", name, error.source().begin.line, error.description()));
    }
    loader.read_environment(environment);
    loader.check_together();
    return loader.finish();
}

Result<LoadedConfig> load_config(const std::string& file, const Environment& environment) {
    const std::string path = file.empty() ? std::string(default_config_file) : file;
    errno = 0;
    std::ifstream stream(path, std::ios::binary);
    if (!stream) {
        const int error = errno;
        if (file.empty() && error == ENOENT) return parse_config("", "the defaults", environment);
        return fail(error == ENOENT ? errc::not_found : errc::io,
                    fmt::format("{}: the configuration can't be read: {}", path, std::strerror(error)));
    }
    const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    if (stream.bad()) return fail(errc::io, fmt::format("{}: the configuration can't be read", path));
    return parse_config(text, path, environment);
}

std::string render_config(const LoadedConfig& loaded, bool explain) {
    std::string result;
    if (explain) {
        result +=
            "# genqd's configuration. Every key is here with its default and may be left out.\n"
            "# A variable GENQD_<SECTION>__<KEY> wins over this file: GENQD_POLL__IMAGE__FIRST_S=2,\n"
            "# lists separated by commas. `genqd config check` tells what is wrong with it.\n";
    }
    std::string_view section;
    for (const Key& key : config_keys()) {
        if (key.section != section) {
            section = key.section;
            result += result.empty() ? "" : "\n";
            if (explain && !section_about(section).empty()) result += fmt::format("# {}\n", section_about(section));
            result += fmt::format("[{}]\n", section);
        }
        if (explain) {
            for (std::size_t start = 0; start < key.about.size();) {
                const auto end = std::min(key.about.find('\n', start), key.about.size());
                result += fmt::format("# {}\n", key.about.substr(start, end - start));
                start = end + 1;
            }
        }
        result += fmt::format("{} = {}", key.name, to_toml(key, loaded.config));
        const auto origin = loaded.origins.find(key.path());
        if (!explain && origin != loaded.origins.end()) result += fmt::format("  # {}", origin->second);
        result += '\n';
    }
    return result;
}

}  // namespace genq::app
