#pragma once
#include <string_view>

#include "server/api/request_context.hpp"

namespace genq::api {

/// A file whose bytes are part of the program.
struct StaticFile {
    std::string_view sha256;  ///< of `plain`, lower-case hex
    std::string_view plain;
    std::string_view gzip;
};

/// 200 with the file, packed for who takes that; 304 for who has it. `headers` go with both.
[[nodiscard]] http::Response static_answer(const Context& context, const StaticFile& file, http::Fields headers);

}  // namespace genq::api
