#pragma once
#include <string>
#include <string_view>

#include "common/core/error.hpp"

namespace genq::fs {

/// Replaces a file's contents so that a reader, and a machine that loses power, has the old ones or the new ones, never
/// a mixture: written beside it, synced, renamed, the folder synced. Blocks. `mode`: of the new file, whatever the
/// umask. A file that root writes belongs to whom the old one belonged to, or else its folder. errc::storage_full,
/// forbidden, not_found (the folder), io.
[[nodiscard]] Result<void> write_file_atomically(const std::string& path, std::string_view contents,
                                                 unsigned mode = 0600);

/// The whole file, if it holds at most `max_bytes`. Blocks. errc::not_found, forbidden, too_large, io.
[[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t max_bytes);

}  // namespace genq::fs
