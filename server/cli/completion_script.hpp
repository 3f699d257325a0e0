#pragma once
#include <string_view>

namespace genq::cli {

/// What a shell reads to complete the program's words: config/completion, compiled in. "" for an unknown shell.
[[nodiscard]] std::string_view completion_script(std::string_view shell);

}  // namespace genq::cli
