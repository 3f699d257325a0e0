#include "server/app/config.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

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
            if (!name.starts_with("GENQD_") || name.find("__") == std::string::npos) continue;
            bool known = false;
            for (const Key& key : config_keys()) {
                if (key.variable() != name) continue;
                known = true;
                set(key, from_text(key, text), name);
            }
            if (!known) fault("{}: no such key; variables are named GENQD_<SECTION>__<KEY>", name);
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

Result<std::string> find_api_key(const Config& config, const Environment& environment) {
    if (auto key = find(environment, "KIE_API_KEY")) return *key;
    if (auto file = find(environment, "KIE_API_KEY_FILE")) return read_secret_file(*file);
    if (auto folder = find(environment, "CREDENTIALS_DIRECTORY")) {
        auto key = read_secret_file(*folder + "/kie_api_key");
        if (key || key.error().code != errc::not_found) return key;
    }
    if (!config.upstream.api_key_file.empty()) return read_secret_file(config.upstream.api_key_file);
    return std::string();
}

Result<std::string> find_callback_key(const Config& config, const Environment& environment) {
    if (!config.callbacks.hmac_key.empty()) return config.callbacks.hmac_key;
    if (auto folder = find(environment, "CREDENTIALS_DIRECTORY")) {
        auto key = read_secret_file(*folder + "/callbacks_hmac_key");
        if (key || key.error().code != errc::not_found) return key;
    }
    if (!config.callbacks.hmac_key_file.empty()) return read_secret_file(config.callbacks.hmac_key_file);
    return std::string();
}

namespace {

/// A line with secrets, and the name of where it is from.
struct SecretLine {
    std::string text;
    std::string where;
};

/// The first line of the systemd credential, else of the file that the key names; "" if there is neither.
Result<SecretLine> secret_line(const std::string& credential, const std::string& file, const std::string& key,
                               const Environment& environment) {
    const auto named = [](Result<std::string> line, std::string where) -> Result<SecretLine> {
        if (!line) return fail(line.error().code, fmt::format("{}: {}", where, line.error().detail));
        return SecretLine{std::move(*line), std::move(where)};
    };
    if (const auto folder = find(environment, "CREDENTIALS_DIRECTORY")) {
        auto line = read_secret_file(*folder + "/" + credential);
        if (line || line.error().code != errc::not_found) return named(std::move(line), "the credential " + credential);
    }
    return named(file.empty() ? Result<std::string>(std::string()) : read_secret_file(file), key);
}

std::vector<std::string> split(std::string_view text, std::string_view separators) {
    std::vector<std::string> parts;
    for (std::size_t start = 0; (start = text.find_first_not_of(separators, start)) != std::string_view::npos;) {
        const auto end = std::min(text.find_first_of(separators, start), text.size());
        parts.emplace_back(text.substr(start, end - start));
        start = end;
    }
    return parts;
}

/// "Name: value"; nullopt for what is no header.
std::optional<http::Fields::Entry> read_header(std::string_view text) {
    const auto first = text.find_first_not_of(' ');
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || first >= colon) return std::nullopt;
    const auto name = text.substr(first, colon - first);
    const auto begin = std::min(text.find_first_not_of(' ', colon + 1), text.size());
    const auto value = text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
    const bool named = std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
    const bool printable = std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~'; });
    if (!named || !printable || value.empty()) return std::nullopt;
    return http::Fields::Entry(name, value);
}

}  // namespace

Result<webhooks::Secrets> find_webhook_secrets(const Config& config, const Environment& environment) {
    const auto read = [](const std::vector<std::string>& texts, std::string_view where) -> Result<webhooks::Secrets> {
        auto secrets = webhooks::read_secrets(texts);
        if (!secrets) return fail(secrets.error().code, fmt::format("{}: {}", where, secrets.error().detail));
        return secrets;
    };
    const WebhooksSection& section = config.webhooks;
    if (!section.secrets.empty()) return read(section.secrets, "webhooks.secrets");
    const auto found = secret_line("webhooks_secrets", section.secrets_file, "webhooks.secrets_file", environment);
    if (!found) return std::unexpected(found.error());
    return read(split(found->text, ", \t"), found->where);
}

Result<http::Fields> find_trace_headers(const Config& config, const Environment& environment) {
    const TracingSection& section = config.tracing;
    SecretLine found{.text = "", .where = "tracing.headers"};
    auto texts = section.headers;
    if (texts.empty()) {
        auto line = secret_line("tracing_headers", section.headers_file, "tracing.headers_file", environment);
        if (!line) return std::unexpected(line.error());
        found = std::move(*line);
        texts = split(found.text, ",");
    }
    http::Fields headers;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        auto header = read_header(texts[i]);
        if (!header) {
            return fail(errc::invalid_argument, fmt::format("{}: header {} of {} is not written \"Name: value\"",
                                                            found.where, i + 1, texts.size()));
        }
        headers.add(header->first, std::move(header->second));
    }
    return headers;
}

}  // namespace genq::app
