#pragma once
#include <span>
#include <string>
#include <string_view>

namespace genq::cli {

/// The word among `known` that `word` was probably meant to be: with the fewest letters inserted, left out, replaced or
/// swapped with their neighbour, at most two and fewer than half of them. "" if there is none.
[[nodiscard]] std::string nearest(std::string_view word, std::span<const std::string> known);

}  // namespace genq::cli
