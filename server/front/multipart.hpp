#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace genq::front {

/// One field of a form. Views into the body.
struct Part {
    std::string name;
    std::string filename;  ///< "" for a plain field
    std::string_view bytes;
};

/// The fields of a `multipart/form-data` body (RFC 7578); nullopt for what is none. At most 64 fields.
[[nodiscard]] std::optional<std::vector<Part>> read_form(std::string_view content_type, std::string_view body);

}  // namespace genq::front
