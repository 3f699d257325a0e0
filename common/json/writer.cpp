#include "common/json/writer.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/string.hpp>
#include <charconv>
#include <cmath>

namespace genq::json {

namespace {

/// Which bytes stand for themselves in a text.
constexpr std::array<bool, 256> plain = [] {
    std::array<bool, 256> all{};
    for (std::size_t c = 0x20; c < all.size(); ++c) all[c] = c != '"' && c != '\\';
    return all;
}();

}  // namespace

void Writer::separate() {
    if (!first_) out_ += ',';
    first_ = false;
}

Writer& Writer::open(char bracket) {
    separate();
    out_ += bracket;
    first_ = true;
    return *this;
}

Writer& Writer::close(char bracket) {
    out_ += bracket;
    first_ = false;
    return *this;
}

Writer& Writer::raw(std::string_view text) {
    separate();
    out_ += text;
    return *this;
}

void Writer::quote(std::string_view text) {
    out_ += '"';
    std::size_t done = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (plain[c]) continue;
        out_.append(text, done, i - done);
        done = i + 1;
        switch (c) {
            case '"':
                out_ += "\\\"";
                break;
            case '\\':
                out_ += "\\\\";
                break;
            case '\n':
                out_ += "\\n";
                break;
            default:
                out_ += fmt::format("\\u{:04x}", c);
        }
    }
    out_.append(text, done, text.size() - done);
    out_ += '"';
}

Writer& Writer::key(std::string_view name) {
    separate();
    quote(name);
    out_ += ':';
    first_ = true;
    return *this;
}

Writer& Writer::value(std::string_view text) {
    separate();
    quote(text);
    return *this;
}

Writer& Writer::value(std::nullptr_t) {
    return raw("null");
}

Writer& Writer::value(const boost::json::value& any) {
    // Boost's own serializer writes 0.1 as 1E-1: valid, but not what the caller sent.
    switch (any.kind()) {
        case boost::json::kind::null:
            return value(nullptr);
        case boost::json::kind::bool_:
            return value(any.get_bool());
        case boost::json::kind::int64:
            return integer(any.get_int64());
        case boost::json::kind::uint64: {
            std::array<char, 24> digits{};
            const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), any.get_uint64()).ptr;
            return raw(std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
        }
        case boost::json::kind::double_:
            return value(any.get_double());
        case boost::json::kind::string:
            return value(std::string_view(any.get_string()));
        case boost::json::kind::array:
            begin_array();
            for (const auto& item : any.get_array()) value(item);
            return end_array();
        case boost::json::kind::object:
            return value(any.get_object());
    }
    return *this;
}

Writer& Writer::value(const boost::json::object& object) {
    begin_object();
    for (const auto& [name, item] : object) field(name, item);
    return end_object();
}

Writer& Writer::integer(std::int64_t number) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    return raw(std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
}

Writer& Writer::value(double number) {
    if (!std::isfinite(number)) return value(nullptr);
    std::array<char, 40> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    const std::string_view text(digits.data(), static_cast<std::size_t>(end - digits.data()));
    raw(text);
    // Readers that tell integers from reals by their look shall find a real one where one is announced.
    if (text.find_first_of(".e") == std::string_view::npos) out_ += ".0";
    return *this;
}

}  // namespace genq::json
