#include "server/catalogue/schema_keywords.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <string_view>

#include "common/json/pointer.hpp"

namespace genq::catalogue {
namespace {

namespace bj = boost::json;

constexpr std::size_t deepest = 16;

bool is_in(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::ranges::find(words, word) != words.end();
}

bool is_type(const bj::value& value) {
    return value.is_string() && is_in(std::string_view(value.get_string()),
                                      {"object", "array", "string", "number", "integer", "boolean", "null"});
}

bool all_of(const bj::value& value, bool (*fits)(const bj::value&)) {
    return value.is_array() && !value.get_array().empty() && std::ranges::all_of(value.get_array(), fits);
}

bool is_count(const bj::value& value) {
    return value.is_int64() && value.get_int64() >= 0;
}

std::string check(const bj::object& schema, const std::string& place, std::size_t depth);

std::string check_schema(const bj::value& value, const std::string& place, std::size_t depth) {
    if (!value.is_object()) return place + ": must be a schema";
    return check(value.get_object(), place, depth + 1);
}

std::string check_all(const bj::value& value, const std::string& place, std::size_t depth) {
    if (!value.is_array() || value.get_array().empty()) return place + ": must be a list of schemas";
    std::size_t index = 0;
    for (const auto& one : value.get_array()) {
        if (auto fault = check_schema(one, genq::json::child(place, index++), depth); !fault.empty()) return fault;
    }
    return "";
}

std::string check_properties(const bj::value& value, const std::string& place, std::size_t depth) {
    if (!value.is_object()) return place + ": must be an object of schemas";
    for (const auto& member : value.get_object()) {
        auto fault = check_schema(member.value(), genq::json::child(place, member.key()), depth);
        if (!fault.empty()) return fault;
    }
    return "";
}

/// The keywords that hold no schema: what their value must be, or "" if it is that.
/// `{"media": ["image/png", …], "max_bytes": N}`, both optional.
bool is_file_rule(const bj::value& value) {
    const auto* rule = value.if_object();
    return rule != nullptr && std::ranges::all_of(*rule, [](const auto& member) {
               if (member.key() == "max_bytes") return is_count(member.value());
               return member.key() == "media" &&
                      all_of(member.value(), [](const bj::value& one) { return one.is_string(); });
           });
}

std::string_view wanted(std::string_view keyword, const bj::value& value) {
    if (keyword == "type")
        return is_type(value) || all_of(value, is_type) ? "" : "must be a JSON type or a list of them";
    if (keyword == "enum") return value.is_array() && !value.get_array().empty() ? "" : "must be a list of values";
    if (keyword == "required") {
        const bool fits = all_of(value, [](const bj::value& one) { return one.is_string(); });
        return fits ? "" : "must be a list of names";
    }
    if (is_in(keyword, {"minLength", "maxLength", "minItems", "maxItems"})) {
        return is_count(value) ? "" : "must be a whole number";
    }
    if (is_in(keyword, {"minimum", "maximum"})) return value.is_number() ? "" : "must be a number";
    if (keyword == "multipleOf") {
        return value.is_number() && value.to_number<double>() > 0 ? "" : "must be a number above 0";
    }
    if (keyword == "additionalProperties") return value.is_bool() ? "" : "must be true or false";
    if (keyword == "x-genqd-file") {
        return is_file_rule(value) ? "" : "must be an object of `media`, a list of types, and `max_bytes`";
    }
    if (keyword == "x-genqd-total") {
        const auto* rule = value.if_object();
        const auto* member = rule != nullptr ? rule->if_contains("member") : nullptr;
        const auto* most = rule != nullptr ? rule->if_contains("maxLength") : nullptr;
        const bool fits = member != nullptr && member->is_string() && most != nullptr && is_count(*most);
        return fits && rule->size() == 2 ? "" : "must be an object of `member`, a name, and `maxLength`";
    }
    if (keyword == "x-genqd-names") {
        const bool fits = value.is_string() && is_in(std::string_view(value.get_string()), {"task", "track"});
        return fits ? "" : "must be task or track";
    }
    if (is_in(keyword, {"title", "description"})) return value.is_string() ? "" : "must be a text";
    // A regular expression of a file could be made to take for ever on a caller's text.
    if (keyword == "pattern") return "is not supported; use `enum`, `minLength` and `maxLength`";
    if (is_in(keyword, {"const", "default", "examples"})) return "";
    return "is no keyword that is known here";
}

std::string check(const bj::object& schema, const std::string& place, std::size_t depth) {
    if (depth > deepest) return place + ": too deep";
    for (const auto& member : schema) {
        const std::string_view keyword = member.key();
        const std::string at = genq::json::child(place, keyword);
        std::string fault;
        if (keyword == "properties") {
            fault = check_properties(member.value(), at, depth);
        } else if (is_in(keyword, {"items", "if", "then", "else"})) {
            fault = check_schema(member.value(), at, depth);
        } else if (is_in(keyword, {"anyOf", "oneOf", "allOf"})) {
            fault = check_all(member.value(), at, depth);
        } else if (const auto fit = wanted(keyword, member.value()); !fit.empty()) {
            fault = fmt::format("{}: {}", at, fit);
        }
        if (!fault.empty()) return fault;
    }
    return "";
}

}  // namespace

std::string fault_of_schema(const bj::object& schema) {
    const auto* type = schema.if_contains("type");
    if (type == nullptr || *type != bj::value("object")) return "/type: must be object";
    return check(schema, "", 0);
}

}  // namespace genq::catalogue
