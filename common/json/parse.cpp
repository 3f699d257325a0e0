#include "common/json/parse.hpp"

#include <fmt/format.h>

#include <boost/json/basic_parser_impl.hpp>
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

namespace {

/// Takes every event of the parser and keeps nothing.
struct Nothing {
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
    using Error = boost::system::error_code;
    using View = bj::string_view;

    bool on_document_begin(Error&) { return true; }
    bool on_document_end(Error&) { return true; }
    bool on_object_begin(Error&) { return true; }
    bool on_object_end(std::size_t, Error&) { return true; }
    bool on_array_begin(Error&) { return true; }
    bool on_array_end(std::size_t, Error&) { return true; }
    bool on_key_part(View, std::size_t, Error&) { return true; }
    bool on_key(View, std::size_t, Error&) { return true; }
    bool on_string_part(View, std::size_t, Error&) { return true; }
    bool on_string(View, std::size_t, Error&) { return true; }
    bool on_number_part(View, Error&) { return true; }
    bool on_int64(std::int64_t, View, Error&) { return true; }
    bool on_uint64(std::uint64_t, View, Error&) { return true; }
    bool on_double(double, View, Error&) { return true; }
    bool on_bool(bool, Error&) { return true; }
    bool on_null(Error&) { return true; }
    bool on_comment_part(View, Error&) { return true; }
    bool on_comment(View, Error&) { return true; }
};

}  // namespace

bool is_object(std::string_view text) {
    if (!text.starts_with('{')) return false;
    bj::parse_options options;
    options.max_depth = max_depth;
    bj::basic_parser<Nothing> parser(options);
    boost::system::error_code error;
    return parser.write_some(false, text.data(), text.size(), error) == text.size() && !error;
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
