#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace genq::json {

/// A JSON pointer (RFC 6901) one level further down: `/a` and `b/c` make `/a/b~1c`.
[[nodiscard]] std::string child(std::string_view pointer, std::string_view key);
[[nodiscard]] std::string child(std::string_view pointer, std::size_t index);
/// What one part of a pointer names: `b~1c` is `b/c`.
[[nodiscard]] std::string unescaped(std::string_view part);

}  // namespace genq::json
