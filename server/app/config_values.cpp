#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "server/app/config_keys.hpp"

namespace genq::app {
namespace {

template <class... Visitors>
struct Overloaded : Visitors... {
    using Visitors::operator()...;
};

std::string trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return "";
    return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

std::string toml_string(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            result += '\\';
            result += c;
        } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            result += fmt::format("\\u{:04X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        } else {
            result += c;
        }
    }
    return result + '"';
}

template <class Number>
std::optional<RawValue> number_from(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return RawValue(value);
}

}  // namespace

std::string Key::path() const {
    return fmt::format("{}.{}", section, name);
}

std::string Key::variable() const {
    std::string result = "GENQD_";
    for (const char c : path()) {
        if (c == '.') {
            result += "__";
        } else {
            result += (c >= 'a' && c <= 'z') ? static_cast<char>(c - 'a' + 'A') : c;
        }
    }
    return result;
}

std::string allowed_values(const Key& key) {
    return std::visit(Overloaded{
                          [](const TextKey& k) {
                              if (k.choices.empty()) return std::string(k.allowed);
                              std::vector<std::string> words;
                              words.reserve(k.choices.size());
                              for (const auto choice : k.choices) words.push_back(toml_string(choice));
                              return fmt::format("{}", fmt::join(words, " or "));
                          },
                          [](const ListKey& k) {
                              return fmt::format("a list of {}{}", k.allowed,
                                                 k.needs_one ? " with at least one entry" : "");
                          },
                          [](const BoolKey&) { return std::string("true or false"); },
                          [](const WholeKey& k) { return fmt::format("a whole number from {} to {}", k.low, k.high); },
                          [](const RealKey& k) { return fmt::format("a number from {} to {}", k.low, k.high); },
                      },
                      key.kind);
}

bool assign(const Key& key, const RawValue& value, Config& config) {
    return std::visit(Overloaded{
                          [&](const TextKey& k) {
                              const auto* text = std::get_if<std::string>(&value);
                              if (text == nullptr) return false;
                              if (!k.choices.empty() && std::ranges::find(k.choices, *text) == k.choices.end())
                                  return false;
                              if (k.valid != nullptr && !k.valid(*text)) return false;
                              k.at(config) = *text;
                              return true;
                          },
                          [&](const ListKey& k) {
                              const auto* list = std::get_if<std::vector<std::string>>(&value);
                              if (list == nullptr || (k.needs_one && list->empty())) return false;
                              for (const std::string& entry : *list) {
                                  if (entry.empty() || (k.valid != nullptr && !k.valid(entry))) return false;
                              }
                              k.at(config) = *list;
                              return true;
                          },
                          [&](const BoolKey& k) {
                              const auto* flag = std::get_if<bool>(&value);
                              if (flag == nullptr) return false;
                              k.at(config) = *flag;
                              return true;
                          },
                          [&](const WholeKey& k) {
                              const auto* number = std::get_if<std::int64_t>(&value);
                              if (number == nullptr || *number < k.low || *number > k.high) return false;
                              k.at(config) = *number;
                              return true;
                          },
                          [&](const RealKey& k) {
                              double number = 0;
                              if (const auto* real = std::get_if<double>(&value)) {
                                  number = *real;
                              } else if (const auto* whole = std::get_if<std::int64_t>(&value)) {
                                  number = static_cast<double>(*whole);
                              } else {
                                  return false;
                              }
                              if (!std::isfinite(number) || number < k.low || number > k.high) return false;
                              k.at(config) = number;
                              return true;
                          },
                      },
                      key.kind);
}

std::optional<RawValue> from_text(const Key& key, std::string_view text) {
    return std::visit(Overloaded{
                          [&](const TextKey&) -> std::optional<RawValue> { return RawValue(std::string(text)); },
                          [&](const ListKey&) -> std::optional<RawValue> {
                              std::vector<std::string> list;
                              for (std::size_t start = 0; start <= text.size() && !trimmed(text).empty();) {
                                  const auto comma = std::min(text.find(',', start), text.size());
                                  list.push_back(trimmed(text.substr(start, comma - start)));
                                  start = comma + 1;
                              }
                              return RawValue(std::move(list));
                          },
                          [&](const BoolKey&) -> std::optional<RawValue> {
                              if (text == "true" || text == "1") return RawValue(true);
                              if (text == "false" || text == "0") return RawValue(false);
                              return std::nullopt;
                          },
                          [&](const WholeKey&) { return number_from<std::int64_t>(text); },
                          [&](const RealKey&) { return number_from<double>(text); },
                      },
                      key.kind);
}

bool same_value(const Key& key, const Config& a, const Config& b) {
    Config first = a;
    Config second = b;
    return std::visit([&](const auto& k) { return k.at(first) == k.at(second); }, key.kind);
}

std::string to_toml(const Key& key, const Config& config) {
    // The accessors take a Config that may be changed; here it is only looked at.
    Config copy = config;
    return std::visit(Overloaded{
                          [&](const TextKey& k) {
                              const bool hidden = k.secret && !k.at(copy).empty();
                              return toml_string(hidden ? "(set; not shown)" : k.at(copy));
                          },
                          [&](const ListKey& k) {
                              std::vector<std::string> entries;
                              if (k.secret && !k.at(copy).empty()) k.at(copy) = {"(set; not shown)"};
                              for (const auto& entry : k.at(copy)) entries.push_back(toml_string(entry));
                              return fmt::format("[{}]", fmt::join(entries, ", "));
                          },
                          [&](const BoolKey& k) { return std::string(k.at(copy) ? "true" : "false"); },
                          [&](const WholeKey& k) { return fmt::format("{}", k.at(copy)); },
                          [&](const RealKey& k) { return fmt::format("{}", k.at(copy)); },
                      },
                      key.kind);
}

}  // namespace genq::app
