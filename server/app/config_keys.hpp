#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "server/app/config.hpp"

namespace genq::app {

// What a key holds: where it lives in a Config and which values it takes.
struct TextKey {
    std::string& (*at)(Config&);
    std::vector<std::string_view> choices;      ///< empty: any text
    bool (*valid)(std::string_view) = nullptr;  ///< a further check, with `allowed` as its words
    std::string_view allowed = "a text";
    bool secret = false;  ///< shown as whether it is set only
};
struct ListKey {
    std::vector<std::string>& (*at)(Config&);
    bool needs_one = false;
    bool (*valid)(std::string_view) = nullptr;  ///< a check of each entry, with `allowed` as its words
    std::string_view allowed = "texts";
    bool secret = false;  ///< shown as whether it is set only
};
struct BoolKey {
    bool& (*at)(Config&);
};
struct WholeKey {
    std::int64_t& (*at)(Config&);
    std::int64_t low = 0;
    std::int64_t high = 0;
};
struct RealKey {
    double& (*at)(Config&);
    double low = 0;
    double high = 0;
};

/// One key of the configuration. Parsing, variables, defaults, `config show` and the shipped file all come from here.
struct Key {
    std::string_view section;  ///< "http", "poll.image"
    std::string_view name;     ///< "listen"
    std::string_view about;    ///< for people; lines are broken at \n
    std::variant<TextKey, ListKey, BoolKey, WholeKey, RealKey> kind;

    [[nodiscard]] std::string path() const;      ///< "poll.image.first_s"
    [[nodiscard]] std::string variable() const;  ///< "GENQD_POLL__IMAGE__FIRST_S"
};

/// All keys, sections together, in the order of the shipped file.
[[nodiscard]] std::span<const Key> config_keys();
[[nodiscard]] const Key* find_key(std::string_view path);
/// What a section is for; "" if nothing need be said.
[[nodiscard]] std::string_view section_about(std::string_view section);

/// A value as TOML and variables have it, before it is checked.
using RawValue = std::variant<std::string, std::vector<std::string>, bool, std::int64_t, double>;

/// What a key takes, for messages: "a whole number from 1 to 1000".
[[nodiscard]] std::string allowed_values(const Key& key);
/// Checks the value and puts it into `config`. False if it is not allowed; then `config` is unchanged.
[[nodiscard]] bool assign(const Key& key, const RawValue& value, Config& config);
/// Reads a variable's text as the key's kind; lists are separated by commas. nullopt if it has the wrong form.
[[nodiscard]] std::optional<RawValue> from_text(const Key& key, std::string_view text);
/// Whether both have the same value for the key, also where it is a secret.
[[nodiscard]] bool same_value(const Key& key, const Config& a, const Config& b);
/// The value that `config` has for the key, in TOML's words.
[[nodiscard]] std::string to_toml(const Key& key, const Config& config);

}  // namespace genq::app
