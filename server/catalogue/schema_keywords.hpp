#pragma once
#include <boost/json/object.hpp>
#include <string>

namespace genq::catalogue {

/// The first fault of a schema as far as its form goes, with its place ("/properties/seed: unknown keyword `ref`"), or
/// "". Pure.
[[nodiscard]] std::string fault_of_schema(const boost::json::object& schema);

}  // namespace genq::catalogue
