#pragma once
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>

/// Values of a schema in the words of a sentence. Pure.
namespace genq::catalogue {

/// As people write it: "0.5".
[[nodiscard]] std::string text_of(const boost::json::value& number);

/// "16:9, 4:3, 1:1".
[[nodiscard]] std::string list(const boost::json::array& values);

/// A list that holds only beside another value, as "720p with duration 10": that of the schema's first rule that the
/// input's field is outside of; "" for none.
[[nodiscard]] std::string conditional_list(const boost::json::object& schema, std::string_view field,
                                           const boost::json::object& input);

}  // namespace genq::catalogue
