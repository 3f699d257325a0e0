#include "server/catalogue/sentences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "server/catalogue/schema_parts.hpp"

namespace genq::catalogue {

namespace bj = boost::json;

namespace {

const bj::array* list_in(const bj::object* schema, std::string_view name) {
    const auto* part = schema == nullptr ? nullptr : schema->if_contains(name);
    return part == nullptr ? nullptr : part->if_array();
}

}  // namespace

std::string text_of(const bj::value& number) {
    if (const auto* whole = number.if_int64()) return std::to_string(*whole);
    if (const auto* large = number.if_uint64()) return std::to_string(*large);
    return fmt::format("{}", number.get_double());
}

std::string list(const bj::array& values) {
    std::string text;
    for (const auto& value : values) {
        if (!text.empty()) text += ", ";
        text += value.is_string()   ? std::string(value.get_string())
                : value.is_number() ? text_of(value)  // 0.5, and not 5E-1
                                    : bj::serialize(value);
    }
    return text;
}

std::string conditional_list(const bj::object& schema, std::string_view field, const bj::object& input) {
    const auto* rules = list_in(&schema, "allOf");
    const auto* value = input.if_contains(field);
    if (rules == nullptr || value == nullptr) return {};
    for (const auto& rule : *rules) {
        const auto* then = part_of(part_of(part_of(rule.if_object(), "then"), "properties"), field);
        const auto* values = list_in(then, "enum");
        const auto* conditions = part_of(part_of(rule.if_object(), "if"), "properties");
        if (values == nullptr || conditions == nullptr) continue;
        if (std::ranges::find(*values, *value) != values->end()) continue;
        std::string with;
        bool holds = true;
        for (const auto& condition : *conditions) {
            const auto* wanted =
                condition.value().is_object() ? condition.value().get_object().if_contains("const") : nullptr;
            const auto* given = input.if_contains(condition.key());
            holds = holds && wanted != nullptr && given != nullptr && *given == *wanted;
            if (wanted != nullptr)
                with += fmt::format("{} {} {}", with.empty() ? " with" : " and", std::string_view(condition.key()),
                                    list({*wanted}));
        }
        if (holds) return list(*values) + with;
    }
    return {};
}

}  // namespace genq::catalogue
