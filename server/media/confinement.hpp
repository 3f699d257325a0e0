#pragma once
#include <cstdint>

namespace genq::media {

struct Limits {
    std::uint64_t cpu_s = 0;
    std::uint64_t memory_bytes = 0;
};

/// Takes from this process all that a program which only reads `input` (-1: nothing) and writes to its standard output
/// can do without. For a child between fork and exec: only async-signal-safe calls. False when the process is not
/// confined as it must be. Landlock is used where the kernel has it.
[[nodiscard]] bool confine(const char* program, int input, const Limits& limits);

}  // namespace genq::media
