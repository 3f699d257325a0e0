#pragma once
#include "server/api/static_file.hpp"

namespace genq::api {

/// server/openapi.json, compiled in.
[[nodiscard]] StaticFile openapi_document();

}  // namespace genq::api
