#include "common/http/message.hpp"

#include <algorithm>
#include <charconv>

namespace genq::http {
namespace {

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::optional<std::chrono::seconds> retry_after(const Fields& headers) {
    constexpr std::int64_t longest_s = 86'400;
    std::string_view text = headers.get("Retry-After");
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return std::nullopt;
    text = text.substr(first, text.find_last_not_of(" \t") - first + 1);
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (end != text.data() + text.size() || text.front() == '-') return std::nullopt;
    if (error == std::errc::result_out_of_range) return std::chrono::seconds(longest_s);
    if (error != std::errc{}) return std::nullopt;
    return std::chrono::seconds(std::min(seconds, longest_s));
}

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
