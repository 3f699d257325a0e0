#pragma once
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

/// Tolerant accessors for kie.ai's JSON: its pages and its answers disagree about types, so a number may be text, an
/// object may be the JSON text of one, and null means absent. Nothing here throws on any value. Pure, any thread.
namespace genq::upstream {

/// Parses JSON, at most 32 levels deep. nullopt for anything broken.
[[nodiscard]] std::optional<boost::json::value> parse_json(std::string_view text);

/// The member of that name; nullptr when absent or null.
[[nodiscard]] const boost::json::value* find(const boost::json::object& object, std::string_view name);

/// Text as it is, numbers and booleans spelt out; nullopt for null, lists, objects and nullptr.
[[nodiscard]] std::optional<std::string> text_of(const boost::json::value* value);
/// text_of() or "".
[[nodiscard]] std::string text_or_empty(const boost::json::value* value);
/// A whole number that fits, also as text ("200", "200.0"). Booleans are 0 and 1.
[[nodiscard]] std::optional<int> integer_of(const boost::json::value* value);
/// A finite number, also as text.
[[nodiscard]] std::optional<double> number_of(const boost::json::value* value);

/// The value itself, or what its text says if that is JSON of an object or a list; null for nullptr.
[[nodiscard]] boost::json::value unwrapped(const boost::json::value* value);
/// An object, or the JSON text of one; empty for anything else.
[[nodiscard]] boost::json::object object_of(const boost::json::value* value);

/// ASCII lower case.
[[nodiscard]] std::string lower(std::string_view text);
/// The text without ASCII blanks at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// A query parameter's value, all but RFC 3986's unreserved characters percent-encoded.
[[nodiscard]] std::string percent_encoded(std::string_view text);

}  // namespace genq::upstream
