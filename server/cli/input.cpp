#include "server/cli/input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/stream_parser.hpp>
#include <charconv>
#include <cmath>
#include <optional>

namespace genq::cli {
namespace {

namespace json = boost::json;

std::optional<json::value> parse_json(std::string_view text) {
    json::error_code error;
    auto value = json::parse(json::string_view(text.data(), text.size()), error);
    if (error) return std::nullopt;
    return value;
}

// A number that a double can't hold exactly (a long seed, an id) stays the text it was.
bool is_exact(const json::value& value, std::string_view text) {
    if (!value.is_double()) return true;
    if (!std::isfinite(value.get_double())) return false;
    return text.find_first_of(".eE") != std::string_view::npos;
}

json::value guess(std::string_view text) {
    auto value = parse_json(text);
    if (value && (value->is_number() || value->is_bool() || value->is_array() || value->is_object()) &&
        is_exact(*value, text)) {
        return std::move(*value);
    }
    return json::string(text.data(), text.size());
}

}  // namespace

Result<Input> parse_input(const std::vector<std::string>& arguments) {
    Input input;
    for (const std::string& argument : arguments) {
        const std::string_view text = argument;
        const auto equals = text.find('=');
        if (equals == std::string_view::npos) {
            return fail(errc::invalid_argument, fmt::format("\"{}\" is not of the form key=value", text));
        }
        const bool forced = equals > 0 && text[equals - 1] == ':';
        const auto key = text.substr(0, forced ? equals - 1 : equals);
        const auto value = text.substr(equals + 1);
        if (key.empty()) return fail(errc::invalid_argument, fmt::format("\"{}\" has no key before the =", text));
        const bool is_file = !forced && value.starts_with('@');
        const bool had_file = std::ranges::find(input.files, key, [](const auto& one) {
                                  return std::string_view(one.first);
                              }) != input.files.end();
        if (input.values.contains(json::string_view(key.data(), key.size())) || (had_file && !is_file)) {
            return fail(errc::invalid_argument, fmt::format("the key {} is given twice", key));
        }
        json::value parsed;
        if (forced) {
            auto exact = parse_json(value);
            if (!exact) return fail(errc::invalid_argument, fmt::format("{}:= is not followed by JSON", key));
            parsed = std::move(*exact);
        } else if (is_file) {
            input.files.emplace_back(key, value.substr(1));
            continue;
        } else {
            parsed = guess(value);
        }
        input.values.emplace(json::string_view(key.data(), key.size()), std::move(parsed));
    }
    return input;
}

Result<json::object> parse_labels(const std::vector<std::string>& arguments) {
    json::object labels;
    for (const std::string& argument : arguments) {
        const auto equals = argument.find('=');
        if (equals == std::string::npos || equals == 0) {
            return fail(errc::invalid_argument, fmt::format("--label {} is not of the form K=V", argument));
        }
        labels[argument.substr(0, equals)] = argument.substr(equals + 1);
    }
    return labels;
}

Result<json::object> parse_batch(std::string_view text) {
    constexpr std::string_view blank = " \t\r\n";
    json::array values;
    for (auto at = text.find_first_not_of(blank); at != std::string_view::npos;
         at = text.find_first_not_of(blank, at)) {
        json::stream_parser parser;
        json::error_code error;
        const auto rest = text.substr(at);
        const auto read = parser.write_some(rest.data(), rest.size(), error);
        if (!error && !parser.done()) parser.finish(error);
        if (error) {
            const auto before = text.substr(0, at + read);
            return fail(errc::invalid_argument,
                        fmt::format("line {}: no JSON ({})", 1 + std::ranges::count(before, '\n'), error.message()));
        }
        values.push_back(parser.release());
        at += read;
    }
    if (values.empty()) return fail(errc::invalid_argument, "there is no job in it");
    if (values.size() == 1 && values.front().is_array()) return json::object{{"jobs", std::move(values.front())}};
    auto* whole = values.size() == 1 ? values.front().if_object() : nullptr;
    if (whole != nullptr && whole->contains("jobs")) return std::move(*whole);
    return json::object{{"jobs", std::move(values)}};
}

Result<std::int64_t> parse_duration_s(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    std::int64_t factor = 0;
    if (unit.empty() || unit == "s") factor = 1;
    if (unit == "m") factor = 60;
    if (unit == "h") factor = 3600;
    if (unit == "d") factor = 86'400;
    if (error != std::errc() || factor == 0 || value < 0 || value > 1'000'000'000) {
        return fail(errc::invalid_argument, fmt::format("\"{}\" is no duration: write 90, 90s, 10m, 2h or 1d", text));
    }
    return value * factor;
}

}  // namespace genq::cli
