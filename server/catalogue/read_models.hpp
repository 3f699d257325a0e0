#pragma once
#include <string_view>
#include <vector>

#include "common/core/error.hpp"
#include "server/catalogue/catalogue.hpp"

namespace genq::catalogue {

/// Reads a catalogue file: `{"models": [{"id", "name", "family", "kind", …}]}`.
/// Optional members: wire_id (the id), aliases, good_for, typical_s (`[from, to]`), profile (by family and kind),
/// recommended (false), longest_wait_s (the profile's), note, credits, uses (`[{"use", "title", "advice", "input"}]`),
/// input (a JSON Schema), example. An error names the file, the entry and the member; unknown members are errors. Pure.
[[nodiscard]] Result<std::vector<Model>> read_models(std::string_view file, std::string_view content);

}  // namespace genq::catalogue
