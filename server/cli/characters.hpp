#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace genq::cli {

/// A character of UTF-8 and how many bytes it takes. A byte that begins none is U+FFFD.
struct Character {
    char32_t code = 0;
    std::size_t bytes = 0;
};

/// The first one of a text that is not empty.
[[nodiscard]] Character first_character(std::string_view text);

/// Columns that a terminal gives a text: two to wide characters, none to those that combine (wcwidth(3)).
[[nodiscard]] std::size_t columns_of(std::string_view text);

/// As much of the text as fits that many columns; what is missing at the end is told by `…`.
[[nodiscard]] std::string cut_to(std::string_view text, std::size_t columns);

struct TerminalSize {
    std::size_t columns = 0;
    std::size_t lines = 0;  ///< 0 where it does not tell
};

/// Of the terminal behind a descriptor; nullopt where there is none, or it does not tell.
[[nodiscard]] std::optional<TerminalSize> terminal_size(int descriptor);

}  // namespace genq::cli
