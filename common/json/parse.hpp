#pragma once
#include <boost/json/value.hpp>
#include <string_view>

#include "common/core/error.hpp"

namespace genq::json {

/// How deep arrays and objects may be nested.
inline constexpr std::size_t max_depth = 32;

/// Reads one JSON text (RFC 8259). errc::malformed, with the place in bytes, for anything else: bytes that are no
/// UTF-8, more than max_depth levels, numbers that don't fit a double (`1e400`), anything behind the text. Of equal
/// keys in one object the last one counts.
[[nodiscard]] Result<boost::json::value> parse(std::string_view text);

/// True if the text is one JSON object, as parse() would read it but for numbers that are too large. Builds nothing.
[[nodiscard]] bool is_object(std::string_view text);

/// False if some number in it is no number of JSON (infinite, NaN).
[[nodiscard]] bool all_finite(const boost::json::value& value);

}  // namespace genq::json
