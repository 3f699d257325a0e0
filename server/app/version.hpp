#pragma once
#include <string_view>

namespace genq::app {

/// The program's version ("0.1.0"), from the build.
[[nodiscard]] std::string_view version();

}  // namespace genq::app
