#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace genq::api {

/// Where the next page of a list begins, as text that callers pass back. It holds a job's row, so new jobs don't move
/// it; a checksum tells a mangled one. It is no secret and needs no signature: it only names a place.
[[nodiscard]] std::string to_cursor(std::int64_t row);
/// nullopt for anything that to_cursor() did not make.
[[nodiscard]] std::optional<std::int64_t> from_cursor(std::string_view text);

}  // namespace genq::api
