#include "common/http/message.hpp"

#include <algorithm>

namespace genq::http {
namespace {

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool iequals(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::string_view> Fields::find(std::string_view name) const {
    for (const auto& [key, value] : entries_) {
        if (iequals(key, name)) return value;
    }
    return std::nullopt;
}

std::string_view Fields::get(std::string_view name) const {
    return find(name).value_or(std::string_view());
}

void Fields::set(std::string_view name, std::string value) {
    const auto first = std::ranges::find_if(entries_, [&](const Entry& entry) { return iequals(entry.first, name); });
    if (first == entries_.end()) {
        add(name, std::move(value));
        return;
    }
    first->second = std::move(value);
    const auto rest = std::remove_if(std::next(first), entries_.end(),
                                     [&](const Entry& entry) { return iequals(entry.first, name); });
    entries_.erase(rest, entries_.end());
}

void Fields::add(std::string_view name, std::string value) {
    entries_.emplace_back(std::string(name), std::move(value));
}

void Fields::remove(std::string_view name) {
    std::erase_if(entries_, [&](const Entry& entry) { return iequals(entry.first, name); });
}

}  // namespace genq::http
