#pragma once
#include <array>
#include <cstddef>

namespace genq::polling {

/// Durations are kept in bins that each are a fifth wider than the one before (four to a doubling): 0 to 0.15 s, …,
/// 6,890 to 8,192 s. Coarse enough that twenty durations say something, fine enough for the choice of a moment.
inline constexpr std::size_t bin_count = 64;
using Bins = std::array<double, bin_count>;

/// The lower edge of a bin, seconds; edge(bin_count) is the end of the last one.
[[nodiscard]] double edge(std::size_t bin);
/// The bin that `seconds` falls in; the last one for all that is longer.
[[nodiscard]] std::size_t bin_of(double seconds);

}  // namespace genq::polling
