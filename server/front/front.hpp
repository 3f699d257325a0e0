#pragma once
#include "server/api/routes.hpp"

/// kie.ai's own API, for clients written for it (DESIGN.md, "kie.ai's API in front").
namespace genq::front {

/// Everything below `/api`, for Api to serve beside its own paths.
[[nodiscard]] api::Mount mount();

}  // namespace genq::front
