#pragma once
#include <cstdint>
#include <string>

#include "common/core/error.hpp"

namespace genq::fs {

/// Bytes that the file system of `path` has left for a process without privileges. Does not touch the disk.
[[nodiscard]] Result<std::uint64_t> free_bytes(const std::string& path);

}  // namespace genq::fs
