#include "server/catalogue/totals.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <string_view>

#include "common/json/pointer.hpp"
#include "server/catalogue/schema_parts.hpp"

namespace genq::catalogue {

namespace bj = boost::json;

void check_totals(const bj::object& input, const bj::object& schema, std::vector<json::Fault>& faults) {
    const auto* properties = part_of(&schema, "properties");
    for (const auto& member : input) {
        const auto* rule = part_of(part_of(properties, member.key()), "x-genqd-total");
        const auto* items = member.value().if_array();
        if (rule == nullptr || items == nullptr) continue;
        std::int64_t characters = 0;
        for (const auto& item : *items) {
            const auto* text =
                item.is_object() ? item.get_object().if_contains(rule->at("member").as_string()) : nullptr;
            if (text == nullptr || !text->is_string()) continue;
            // Of UTF-8, what begins a character.
            characters += std::ranges::count_if(
                text->get_string(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
        }
        if (characters > rule->at("maxLength").to_number<std::int64_t>()) {
            faults.push_back(
                {json::child("/input", member.key()), fmt::format("must have at most {} characters of {} over all",
                                                                  rule->at("maxLength").to_number<std::int64_t>(),
                                                                  std::string_view(rule->at("member").as_string()))});
        }
    }
}

}  // namespace genq::catalogue
