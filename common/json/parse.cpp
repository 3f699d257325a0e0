#include "common/json/parse.hpp"

#include <fmt/format.h>

#include <boost/json/stream_parser.hpp>
#include <cmath>

namespace genq::json {

namespace bj = boost::json;

bool all_finite(const bj::value& value) {
    switch (value.kind()) {
        case bj::kind::double_:
            return std::isfinite(value.get_double());
        case bj::kind::array:
            return std::ranges::all_of(value.get_array(), [](const bj::value& item) { return all_finite(item); });
        case bj::kind::object:
            return std::ranges::all_of(value.get_object(), [](const auto& item) { return all_finite(item.value()); });
        case bj::kind::null:
        case bj::kind::bool_:
        case bj::kind::int64:
        case bj::kind::uint64:
        case bj::kind::string:
            return true;
    }
    return true;
}

Result<bj::value> parse(std::string_view text) {
    bj::parse_options options;
    options.max_depth = max_depth;
    bj::stream_parser parser({}, options);
    boost::system::error_code error;
    const std::size_t used = parser.write_some(text.data(), text.size(), error);
    if (!error && used == text.size()) parser.finish(error);
    if (error) return fail(errc::malformed, fmt::format("{} at byte {}", error.message(), used));
    if (used != text.size()) return fail(errc::malformed, fmt::format("text behind the JSON value at byte {}", used));
    auto value = parser.release();
    if (!all_finite(value)) return fail(errc::malformed, "a number is too large");
    return value;
}

}  // namespace genq::json
