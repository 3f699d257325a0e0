#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace genq::sandbox {

/// One part of a multipart/form-data body (RFC 7578).
struct Part {
    std::string name;
    std::string file_name;     ///< "" for a plain field
    std::string content_type;  ///< "" when not said
    std::string_view content;  ///< a view into the body
};

/// The parts of `body`; nullopt when the content type is not multipart/form-data with a boundary, or the body does not
/// follow it to its closing line.
[[nodiscard]] std::optional<std::vector<Part>> read_multipart(std::string_view content_type, std::string_view body);

}  // namespace genq::sandbox
