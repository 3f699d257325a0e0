#pragma once
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>

namespace genq::json {

/// The same text for values that differ only in the order of their keys and in white space: keys are sorted by their
/// bytes. `1` and `1.0` stay different.
[[nodiscard]] std::string canonical(const boost::json::value& value);
[[nodiscard]] std::string canonical(const boost::json::object& object);

}  // namespace genq::json
