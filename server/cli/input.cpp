#include "server/cli/input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/stream_parser.hpp>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
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

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

// Some editors begin a file with it; JSON knows none.
std::string without_mark(std::string text) {
    if (text.starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());
    return text;
}

// A number that a double can't hold exactly (a long seed, an id) stays the text it was.
bool is_exact(const json::value& value, std::string_view text) {
    if (!value.is_double()) return true;
    if (!std::isfinite(value.get_double())) return false;
    return text.find_first_of(".eE") != std::string_view::npos;
}

}  // namespace

json::value guess(std::string_view text) {
    auto value = parse_json(text);
    if (value && (value->is_number() || value->is_bool() || value->is_array() || value->is_object()) &&
        is_exact(*value, text)) {
        return std::move(*value);
    }
    return json::string(text.data(), text.size());
}

Result<Input> parse_input(const std::vector<std::string>& arguments) {
    Input input;
    for (const std::string& argument : arguments) {
        const std::string_view text = argument;
        const auto equals = text.find('=');
        if (equals == std::string_view::npos) {
            return fail(errc::invalid_argument, fmt::format("\"{}\" is not of the form key=value", text));
        }
        const bool exact = equals > 0 && text[equals - 1] == ':';
        const auto key = text.substr(0, exact ? equals - 1 : equals);
        const auto value = text.substr(equals + 1);
        if (key.empty()) return fail(errc::invalid_argument, fmt::format("\"{}\" has no key before the =", text));
        const bool file = !exact && value.starts_with('@');
        const bool repeated = std::ranges::any_of(input.words, [&](const auto& word) {
            return word.first == key && !(file && word.second.starts_with('@'));
        });
        if (repeated || input.values.contains(json::string_view(key.data(), key.size()))) {
            return fail(errc::invalid_argument, fmt::format("the key {} is given twice", key));
        }
        if (!exact) {
            input.words.emplace_back(key, value);
            continue;
        }
        auto parsed = parse_json(value);
        if (!parsed) return fail(errc::invalid_argument, fmt::format("{}:= is not followed by JSON", key));
        input.values.emplace(json::string_view(key.data(), key.size()), std::move(*parsed));
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

Result<std::string> read_text(const std::string& file) {
    if (file == "-") return without_mark(std::string(std::istreambuf_iterator<char>(std::cin), {}));
    std::error_code error;
    if (std::filesystem::is_directory(file, error)) {
        return fail(errc::invalid_argument, fmt::format("{} is a folder: name a file", file));
    }
    std::ifstream stream(file, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(stream), {});
    if (!stream.is_open() || stream.bad()) return fail(errc::invalid_argument, fmt::format("{} can't be read", file));
    return without_mark(std::move(text));
}

Result<json::object> read_json_object(const std::string& file) {
    const auto text = read_text(file);
    if (!text) return std::unexpected(text.error());
    auto value = parse_json(*text);
    if (!value || !value->is_object()) {
        return fail(errc::invalid_argument, fmt::format("{} does not hold a JSON object", file));
    }
    return std::move(value->get_object());
}

Result<std::int64_t> parse_duration_s(std::string_view text) {
    constexpr std::int64_t most = 1'000'000'000;
    struct Unit {
        char letter;
        std::int64_t seconds;
    };
    constexpr std::array<Unit, 4> units{{{'d', 86'400}, {'h', 3600}, {'m', 60}, {'s', 1}}};
    const auto fault =
        fail(errc::invalid_argument, fmt::format("\"{}\" is no duration: write 90, 90s, 10m, 2h, 1h30m or 1d", text));
    std::int64_t total = 0;
    auto rest = text;
    for (auto unit = units.begin();; ++unit) {
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
        if (error != std::errc() || value < 0 || value > most) return fault;
        const std::string_view behind(end, static_cast<std::size_t>(rest.data() + rest.size() - end));
        if (behind.empty() && total == 0) return value;
        unit = std::find_if(unit, units.end(), [&](const Unit& one) { return behind.starts_with(one.letter); });
        if (unit == units.end()) return fault;
        total += value * unit->seconds;
        rest = behind.substr(1);
        if (rest.empty()) return total;
    }
}

Result<std::optional<std::int64_t>> parse_timeout_s(std::string_view text) {
    if (text.empty()) return std::nullopt;
    const auto seconds = parse_duration_s(text);
    if (!seconds) return std::unexpected(seconds.error());
    return *seconds;
}

}  // namespace genq::cli
