#pragma once
#include <cstdint>

namespace genq::app {

/// Lets the process have as many file descriptors as it may have (the hard limit), and returns how many that are. The
/// usual soft limit, 1024, is there for programs that use select().
[[nodiscard]] std::uint64_t raise_descriptor_limit();

}  // namespace genq::app
