#include "common/json/writer.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/json/serializer.hpp>
#include <charconv>
#include <cmath>

namespace genq::json {

namespace {

template <class T>
void append_serialized(std::string& out, const T& value) {
    boost::json::serializer serializer;
    serializer.reset(&value);
    std::array<char, 4096> buffer{};
    while (!serializer.done()) {
        const auto piece = serializer.read(buffer.data(), buffer.size());
        out.append(piece.data(), piece.size());
    }
}

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
        if (c >= 0x20 && c != '"' && c != '\\') continue;
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
    if (const double* number = any.if_double()) return value(*number);
    separate();
    append_serialized(out_, any);
    return *this;
}

Writer& Writer::value(const boost::json::object& object) {
    separate();
    append_serialized(out_, object);
    return *this;
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
