#include "common/log/line.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

namespace genq::log {
namespace {

/// Length of the UTF-8 character at the front of `text`, or 0 when there is none (RFC 3629: no overlong forms, no
/// surrogates, nothing above U+10FFFF).
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return 0;
    }
    const unsigned char second = byte(1);
    if (lead == 0xe0 && second < 0xa0) return 0;
    if (lead == 0xed && second > 0x9f) return 0;
    if (lead == 0xf0 && second < 0x90) return 0;
    if (lead == 0xf4 && second > 0x8f) return 0;
    return length;
}

void append_ascii(std::string& out, unsigned char c) {
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            break;
    }
    if (c < 0x20 || c == 0x7f) {
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", c);
    } else {
        out += static_cast<char>(c);
    }
}

/// C1 controls (U+0080–U+009F) drive terminals, U+2028 and U+2029 are line ends to some readers.
bool append_special(std::string& out, std::string_view character) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
    if (character.size() == 2 && byte(0) == 0xc2 && byte(1) < 0xa0) {
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte(1));
        return true;
    }
    if (character == "\u2028" || character == "\u2029") {
        out += character == "\u2028" ? "\\u2028" : "\\u2029";
        return true;
    }
    return false;
}

void append_escaped(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) {
            out += "\ufffd";
            text.remove_prefix(1);
            continue;
        }
        const std::string_view character = text.substr(0, length);
        if (length == 1) {
            append_ascii(out, static_cast<unsigned char>(character[0]));
        } else if (!append_special(out, character)) {
            out += character;
        }
        text.remove_prefix(length);
    }
}

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    append_escaped(out, text);
    out += '"';
}

bool is_plain(std::string_view text) {
    if (text.empty()) return false;
    for (const char c : text) {
        if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7f) return false;  // negative: not ASCII
    }
    return true;
}

/// Strings are quoted by the format's own rule, the rest looks the same in both.
template <class AppendString>
void append_value(std::string& out, const Field& field, AppendString append_string, std::string_view not_finite) {
    if (const auto* text = std::get_if<std::string>(&field.value)) {
        append_string(out, *text);
    } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
        fmt::format_to(std::back_inserter(out), "{}", *number);
    } else if (const auto* real = std::get_if<double>(&field.value)) {
        if (std::isfinite(*real)) {
            fmt::format_to(std::back_inserter(out), "{}", *real);
        } else {
            out += not_finite;
        }
    } else {
        out += std::get<bool>(field.value) ? "true" : "false";
    }
}

}  // namespace

std::string event_text(std::string_view message, std::span<const Field> fields) {
    std::string out;
    append_escaped(out, message);
    for (const Field& field : fields) {
        if (field.key.empty()) continue;
        out += ' ';
        append_escaped(out, field.key);
        out += '=';
        append_value(
            out, field,
            [](std::string& to, std::string_view text) {
                if (is_plain(text)) {
                    to += text;
                } else {
                    append_quoted(to, text);
                }
            },
            "nan");
    }
    return out;
}

std::string event_json(std::string_view message, std::span<const Field> fields) {
    std::string out = "\"message\":";
    append_quoted(out, message);
    for (const Field& field : fields) {
        if (field.key.empty()) continue;
        out += ',';
        append_quoted(out, field.key);
        out += ':';
        append_value(out, field, append_quoted, "null");
    }
    return out;
}

std::string_view to_string(Level level) {
    switch (level) {
        case Level::debug:
            return "debug";
        case Level::info:
            return "info";
        case Level::warn:
            return "warn";
        case Level::error:
            return "error";
    }
    return "error";
}

}  // namespace genq::log
