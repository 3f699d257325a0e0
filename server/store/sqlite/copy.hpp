#pragma once
#include <string>

#include "common/core/clock.hpp"
#include "common/core/error.hpp"

namespace genq::store {

/// Makes a copy of a database that a daemon may be writing to, as one moment has it, and marks it (CopyMark). `to` is
/// not there yet; it is synced when this returns, but its folder is not. In the copy no running job makes a new task by
/// itself any more: the original may have made it. Blocks. errc::not_found (no `from`), corrupt, storage_full, busy,
/// io; what there is of `to` then is worth nothing.
[[nodiscard]] Result<void> copy_database(const std::string& from, const std::string& to, WallTime now);

/// Whether the database is a copy that no daemon was ever started on. Blocks; nobody else may use the file.
[[nodiscard]] Result<bool> is_fresh_copy(const std::string& path);

}  // namespace genq::store
