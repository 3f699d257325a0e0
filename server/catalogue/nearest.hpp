#pragma once
#include <cstddef>
#include <string_view>

/// How near a misspelt model id is to a known one. Pure.
namespace genq::catalogue {

/// The number of single-character insertions, deletions and replacements between the two (Levenshtein), letter case
/// apart. Time and memory go with the product and the length: callers keep texts short.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The distance of what somebody wrote to a known id, or to its last part and 1 more: people leave the maker out.
[[nodiscard]] std::size_t distance_to_id(std::string_view written, std::string_view known);

/// The largest distance that still counts as a misspelling; 0 for texts that are longer than any id.
[[nodiscard]] std::size_t farthest_near(std::string_view written);

}  // namespace genq::catalogue
