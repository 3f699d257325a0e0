#pragma once
#include <string_view>
#include <vector>

namespace genq::catalogue {

/// A file of config/models, compiled in.
struct ShippedFile {
    std::string_view name;
    std::string_view content;
};

/// In the order of their names.
[[nodiscard]] const std::vector<ShippedFile>& shipped_files();

}  // namespace genq::catalogue
