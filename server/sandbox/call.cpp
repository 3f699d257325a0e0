#include "server/sandbox/call.hpp"

#include <boost/json/array.hpp>
#include <charconv>

#include "common/core/rfc3339.hpp"

namespace genq::sandbox {

namespace json = boost::json;

std::unexpected<ApiError> refuse(int code, std::string msg, json::value data) {
    return std::unexpected(ApiError{code, std::move(msg), std::move(data)});
}

json::object envelope(Answer<json::value> answer) {
    if (!answer) return {{"code", answer.error().code}, {"msg", answer.error().msg}, {"data", answer.error().data}};
    return {{"code", 200}, {"msg", "success"}, {"data", std::move(*answer)}};
}

std::string text_at(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->as_string().subview()) : std::string();
}

std::vector<std::string> texts_at(const json::object& object, std::string_view key) {
    std::vector<std::string> texts;
    const auto* value = object.if_contains(key);
    if (value == nullptr) return texts;
    if (value->is_string()) texts.emplace_back(value->as_string().subview());
    if (value->is_array()) {
        for (const auto& item : value->as_array()) {
            if (item.is_string()) texts.emplace_back(item.as_string().subview());
        }
    }
    return texts;
}

std::optional<std::int64_t> number_at(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    if (value == nullptr) return std::nullopt;
    if (value->is_int64()) return value->as_int64();
    if (value->is_string()) {
        const auto text = value->as_string().subview();
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error == std::errc{} && end == text.data() + text.size() && !text.empty()) return number;
    }
    return std::nullopt;
}

bool flag_at(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_bool() && value->as_bool();
}

bool is_filled(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    if (value == nullptr || value->is_null()) return false;
    if (value->is_string()) return !value->as_string().empty();
    if (value->is_array()) return !value->as_array().empty();
    return true;
}

Answer<void> require(const json::object& object, std::initializer_list<std::string_view> keys) {
    for (const auto key : keys) {
        if (!is_filled(object, key)) return refuse(422, std::string(key) + " is required");
    }
    return {};
}

std::string iso_time(WallTime time) {
    return to_rfc3339(time).substr(0, 19) + "Z";
}

std::string spaced_time(WallTime time) {
    auto text = to_rfc3339(time).substr(0, 19);
    text[10] = ' ';
    return text;
}

}  // namespace genq::sandbox
