#pragma once

namespace genq::app {

inline constexpr int exit_failed = 1;  ///< failure at run time
inline constexpr int exit_usage = 2;   ///< bad arguments or configuration

}  // namespace genq::app
