#pragma once
#include <span>
#include <string>
#include <string_view>

#include "common/log/log.hpp"

namespace genq::log {

/// What stands on a line behind time and level. Text: `message key=value key="two words"`; JSON: the members
/// `"message":"…","key":value` without braces. Control characters and line separators are escaped and bytes that are
/// not UTF-8 become U+FFFD, so that one event is one line and a terminal sees no escape sequence. Pure.
[[nodiscard]] std::string event_text(std::string_view message, std::span<const Field> fields);
[[nodiscard]] std::string event_json(std::string_view message, std::span<const Field> fields);

[[nodiscard]] std::string_view to_string(Level level);

}  // namespace genq::log
