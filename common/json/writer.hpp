#pragma once
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace genq::json {

/// Appends JSON to a string, piece by piece, without a tree in between. The caller sees to it that pieces follow each
/// other as JSON demands; commas are put by the writer. Texts must be UTF-8. Numbers that JSON can't say are `null`.
class Writer {
  public:
    /// `out` is appended to and must outlive the writer.
    explicit Writer(std::string& out) : out_(out) {}

    Writer& begin_object() { return open('{'); }
    Writer& end_object() { return close('}'); }
    Writer& begin_array() { return open('['); }
    Writer& end_array() { return close(']'); }
    Writer& key(std::string_view name);

    Writer& value(std::string_view text);
    Writer& value(const char* text) { return value(std::string_view(text)); }
    Writer& value(std::nullptr_t);
    /// A whole tree; numbers in their shortest form. Recurses as deep as the tree is: parse() limits that.
    Writer& value(const boost::json::value& any);
    Writer& value(const boost::json::object& object);
    /// A value that is JSON already.
    Writer& json(std::string_view text) { return raw(text); }
    template <std::same_as<bool> B>
    Writer& value(B flag) {
        return raw(flag ? "true" : "false");
    }
    template <std::integral I>
        requires(!std::same_as<I, bool>)
    Writer& value(I number) {
        return integer(static_cast<std::int64_t>(number));
    }
    Writer& value(double number);
    template <class T>
    Writer& value(const std::optional<T>& maybe) {
        return maybe ? value(*maybe) : value(nullptr);
    }
    /// A text, or null for "".
    Writer& text_or_null(std::string_view text) { return text.empty() ? value(nullptr) : value(text); }

    /// `key(name).value(v)` in one.
    template <class T>
    Writer& field(std::string_view name, const T& v) {
        key(name);
        return value(v);
    }

  private:
    Writer& open(char bracket);
    Writer& close(char bracket);
    Writer& raw(std::string_view text);
    Writer& integer(std::int64_t number);
    void separate();
    void quote(std::string_view text);

    std::string& out_;
    bool first_ = true;  // nothing stands before the next piece in its object or array
};

}  // namespace genq::json
