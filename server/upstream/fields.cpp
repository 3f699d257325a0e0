#include "server/upstream/fields.hpp"

#include <boost/json/parse.hpp>
#include <charconv>
#include <cmath>
#include <limits>

namespace genq::upstream {
namespace {

namespace json = boost::json;

std::optional<double> number_in(std::string_view text) {
    text = trimmed(text);
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
    return number;
}

std::string_view view(const json::string& text) {
    return {text.data(), text.size()};
}

bool is_unreserved(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

}  // namespace

std::optional<json::value> parse_json(std::string_view text) {
    boost::system::error_code error;
    auto value = json::parse(json::string_view(text.data(), text.size()), error);
    if (error) return std::nullopt;
    return value;
}

const json::value* find(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(json::string_view(name.data(), name.size()));
    return value == nullptr || value->is_null() ? nullptr : value;
}

std::optional<std::string> text_of(const json::value* value) {
    if (value == nullptr) return std::nullopt;
    switch (value->kind()) {
        case json::kind::string:
            return std::string(view(value->get_string()));
        case json::kind::int64:
            return std::to_string(value->get_int64());
        case json::kind::uint64:
            return std::to_string(value->get_uint64());
        case json::kind::bool_:
            return value->get_bool() ? "true" : "false";
        case json::kind::double_: {
            if (const auto whole = integer_of(value)) return std::to_string(*whole);
            return std::to_string(value->get_double());
        }
        case json::kind::null:
        case json::kind::array:
        case json::kind::object:
            return std::nullopt;
    }
    return std::nullopt;
}

std::string text_or_empty(const json::value* value) {
    return text_of(value).value_or("");
}

std::optional<int> integer_of(const json::value* value) {
    if (value != nullptr && value->is_bool()) return value->get_bool() ? 1 : 0;
    const auto number = number_of(value);
    if (!number || *number != std::trunc(*number)) return std::nullopt;
    if (*number < std::numeric_limits<int>::min() || *number > std::numeric_limits<int>::max()) return std::nullopt;
    return static_cast<int>(*number);
}

std::optional<double> number_of(const json::value* value) {
    if (value == nullptr) return std::nullopt;
    if (value->is_string()) return number_in(view(value->get_string()));
    if (value->is_int64()) return static_cast<double>(value->get_int64());
    if (value->is_uint64()) return static_cast<double>(value->get_uint64());
    if (value->is_double() && std::isfinite(value->get_double())) return value->get_double();
    return std::nullopt;
}

json::value unwrapped(const json::value* value) {
    if (value == nullptr) return nullptr;
    if (!value->is_string()) return *value;
    const auto text = trimmed(view(value->get_string()));
    if (!text.starts_with('{') && !text.starts_with('[')) return *value;
    auto parsed = parse_json(text);
    if (!parsed) return *value;
    return std::move(*parsed);
}

json::object object_of(const json::value* value) {
    auto inner = unwrapped(value);
    if (!inner.is_object()) return {};
    return std::move(inner.get_object());
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return result;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string result;
    for (const char c : text) {
        if (is_unreserved(c)) {
            result += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        result += '%';
        result += digits[byte >> 4U];
        result += digits[byte & 0xFU];
    }
    return result;
}

}  // namespace genq::upstream
