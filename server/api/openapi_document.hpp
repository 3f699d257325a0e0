#pragma once
#include <string_view>

namespace genq::api {

/// server/openapi.json, compiled in.
[[nodiscard]] std::string_view openapi_document();

}  // namespace genq::api
