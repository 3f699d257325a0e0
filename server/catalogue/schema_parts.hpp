#pragma once
#include <boost/json/object.hpp>
#include <string_view>

namespace genq::catalogue {

/// The object that is `schema`'s member `name`, say its properties; nullptr if there is none. Owned by `schema`.
[[nodiscard]] inline const boost::json::object* part_of(const boost::json::object* schema, std::string_view name) {
    const auto* part = schema == nullptr ? nullptr : schema->if_contains(name);
    return part == nullptr ? nullptr : part->if_object();
}

}  // namespace genq::catalogue
