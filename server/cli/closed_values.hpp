#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace genq::cli {

/// The values of an option that takes one of a few, by its name without dashes: "status", "family", "error-code",
/// "billed", "scope". Empty for any other.
[[nodiscard]] std::vector<std::string> closed_values(std::string_view option);

}  // namespace genq::cli
