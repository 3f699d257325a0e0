#include "server/store/sqlite/row_columns.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "common/core/rfc3339.hpp"

namespace genq::store::sqlite {

namespace json = boost::json;

namespace {

std::string text_of(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

std::optional<std::string> RowColumns::maybe_text() {
    const int column = next_++;
    return query_.is_null(column) ? std::nullopt : std::optional(std::string(query_.text(column)));
}

WallTime RowColumns::time() {
    return from_ms(integer());
}

std::optional<WallTime> RowColumns::maybe_time() {
    const auto ms = query_.maybe_integer(next_++);
    return ms ? std::optional(from_ms(*ms)) : std::nullopt;
}

std::optional<json::value> RowColumns::maybe_json() {
    const int column = next_++;
    json_text_ = query_.is_null(column) ? std::string_view() : query_.text(column);
    if (query_.is_null(column)) return std::nullopt;
    json::parse_options options;
    options.max_depth = 256;  // whoever wrote it had its own, lower limit
    boost::system::error_code error;
    auto value = json::parse(json_text_, error, {}, options);
    if (error) {
        damage();
        return std::nullopt;
    }
    return value;
}

std::optional<std::string> labels_text(const Labels& labels) {
    if (labels.empty()) return std::nullopt;
    json::object object;
    for (const auto& [key, value] : labels) object[key] = value;
    return json::serialize(object);
}

Labels labels_from(const std::optional<json::value>& json) {
    Labels labels;
    if (!json || !json->is_object()) return labels;
    for (const auto& [key, value] : json->get_object()) {
        if (value.is_string()) labels.emplace_back(key, value.get_string());
    }
    return labels;
}

std::optional<std::string> warnings_text(const std::vector<std::string>& warnings) {
    if (warnings.empty()) return std::nullopt;
    json::array array;
    for (const auto& warning : warnings) array.emplace_back(warning);
    return json::serialize(array);
}

std::vector<std::string> warnings_from(const std::optional<json::value>& json) {
    std::vector<std::string> warnings;
    if (!json || !json->is_array()) return warnings;
    for (const auto& value : json->get_array()) {
        if (value.is_string()) warnings.emplace_back(value.get_string());
    }
    return warnings;
}

std::string error_text(const JobError& error) {
    json::object object{{"message", error.message},
                        {"advice", error.advice},
                        {"upstream_message", error.upstream_message},
                        {"retryable", error.retryable}};
    if (error.upstream_code) object["upstream_code"] = *error.upstream_code;
    return json::serialize(object);
}

JobError error_from(const json::value& json) {
    JobError error;
    const auto* object = json.if_object();
    if (object == nullptr) return error;
    error.message = text_of(*object, "message");
    error.advice = text_of(*object, "advice");
    error.upstream_message = text_of(*object, "upstream_message");
    if (const auto* code = object->if_contains("upstream_code"); code != nullptr && code->is_int64()) {
        error.upstream_code = static_cast<int>(code->get_int64());
    }
    const auto* retryable = object->if_contains("retryable");
    error.retryable = retryable != nullptr && retryable->is_bool() && retryable->get_bool();
    return error;
}

}  // namespace genq::store::sqlite
