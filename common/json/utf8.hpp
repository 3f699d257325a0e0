#pragma once
#include <string_view>

namespace genq::json {

/// True for well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing past U+10FFFF.
[[nodiscard]] bool valid_utf8(std::string_view text);

}  // namespace genq::json
