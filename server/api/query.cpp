#include "server/api/query.hpp"

#include <fmt/format.h>

#include <charconv>

#include "common/core/rfc3339.hpp"
#include "common/json/utf8.hpp"

namespace genq::api {

Query::Query(std::vector<std::pair<std::string, std::string>> parameters) : parameters_(std::move(parameters)) {
    std::erase_if(parameters_, [this](const auto& parameter) {
        if (json::valid_utf8(parameter.first) && json::valid_utf8(parameter.second)) return false;
        if (json::valid_utf8(parameter.first)) {
            fault(parameter.first, "is not UTF-8");
        } else {
            faults_.push_back({"", "the name of a query parameter is not UTF-8"});
        }
        return true;
    });
}

void Query::fault(std::string_view name, std::string detail) {
    faults_.push_back({"?" + std::string(name), std::move(detail)});
}

std::vector<std::string_view> Query::all(std::string_view name) const {
    std::vector<std::string_view> values;
    for (const auto& [key, value] : parameters_) {
        if (key == name) values.push_back(value);
    }
    return values;
}

std::optional<std::string_view> Query::one(std::string_view name) {
    const auto values = all(name);
    if (values.empty()) return std::nullopt;
    if (values.size() > 1) fault(name, "must not be given twice");
    return values.front();
}

std::optional<int> Query::integer(std::string_view name, int low, int high) {
    const auto text = one(name);
    if (!text) return std::nullopt;
    int number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error == std::errc{} && end == text->data() + text->size() && number >= low && number <= high) return number;
    fault(name, fmt::format("must be an integer from {} to {}", low, high));
    return std::nullopt;
}

std::optional<WallTime> Query::time(std::string_view name) {
    const auto text = one(name);
    if (!text) return std::nullopt;
    if (const auto time = from_rfc3339(*text)) return *time;
    fault(name, "must be an RFC 3339 time such as 2026-11-22T19:00:00Z (a + is written %2B)");
    return std::nullopt;
}

std::vector<std::pair<std::string_view, std::string_view>> Query::starting_with(std::string_view prefix) const {
    std::vector<std::pair<std::string_view, std::string_view>> found;
    for (const auto& [key, value] : parameters_) {
        if (key.starts_with(prefix)) found.emplace_back(std::string_view(key).substr(prefix.size()), value);
    }
    return found;
}

void Query::refuse_others(std::initializer_list<std::string_view> known, std::string_view prefix) {
    for (const auto& [key, value] : parameters_) {
        if (std::ranges::find(known, std::string_view(key)) != known.end()) continue;
        if (!prefix.empty() && key.starts_with(prefix)) continue;
        fault(key, "is not a known parameter");
    }
}

}  // namespace genq::api
