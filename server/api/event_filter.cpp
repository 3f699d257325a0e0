#include "server/api/event_filter.hpp"

#include <algorithm>
#include <string_view>
#include <type_traits>

namespace genq::api {

namespace {

template <class Values, class Value>
bool any_or(const Values& wanted, const Value& value) {
    return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
}

}  // namespace

bool takes(const store::JobFilter& filter, const store::FeedEvent& event) {
    const auto tells = [&event](JobStatus status) { return to_string(status) == event.event.name; };
    return (filter.statuses.empty() || std::ranges::any_of(filter.statuses, tells)) &&
           any_or(filter.callers, event.caller) && any_or(filter.models, event.model) &&
           any_or(filter.families, event.family) && any_or(filter.kinds, event.kind) &&
           (!filter.batch || filter.batch == event.batch) && std::ranges::includes(event.labels, filter.labels);
}

std::string text_of(const store::JobFilter& filter) {
    std::string key;
    const auto add = [&key](std::string_view text) {
        key += std::to_string(text.size());
        key += ':';
        key += text;
    };
    const auto add_all = [&](const auto& values) {
        for (const auto& value : values) {
            if constexpr (std::is_enum_v<std::decay_t<decltype(value)>>) {
                add(to_string(value));
            } else {
                add(value);
            }
        }
        key += '|';
    };
    add_all(filter.statuses);
    add_all(filter.families);
    add_all(filter.models);
    add_all(filter.kinds);
    add_all(filter.callers);
    for (const auto& [label, value] : filter.labels) {
        add(label);
        add(value);
    }
    if (filter.batch) key += '|' + filter.batch->text();
    return key;
}

}  // namespace genq::api
