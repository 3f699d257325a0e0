#include "common/json/canonical.hpp"

#include <vector>

#include "common/json/writer.hpp"

namespace genq::json {

namespace {

namespace bj = boost::json;

void write(Writer& out, const bj::value& value);

void write(Writer& out, const bj::object& object) {
    std::vector<const bj::key_value_pair*> items;
    items.reserve(object.size());
    for (const auto& item : object) items.push_back(&item);
    std::ranges::sort(items, {}, [](const auto* item) { return std::string_view(item->key()); });
    out.begin_object();
    for (const auto* item : items) {
        out.key(item->key());
        write(out, item->value());
    }
    out.end_object();
}

void write(Writer& out, const bj::value& value) {
    if (const auto* array = value.if_array()) {
        out.begin_array();
        for (const bj::value& item : *array) write(out, item);
        out.end_array();
    } else if (const auto* object = value.if_object()) {
        write(out, *object);
    } else {
        out.value(value);
    }
}

template <class T>
std::string text_of(const T& value) {
    std::string text;
    Writer out(text);
    write(out, value);
    return text;
}

}  // namespace

std::string canonical(const bj::value& value) {
    return text_of(value);
}
std::string canonical(const bj::object& object) {
    return text_of(object);
}

}  // namespace genq::json
