#pragma once
#include <string>

#include "common/core/error.hpp"

namespace genq::app {

/// Versions of a database's schema: the number of the last migration applied, 0 for none.
struct Migrated {
    int from = 0;
    int to = 0;
};

/// Brings the database of a state directory, which is made with it if missing, up to this program's
/// schema, as `serve` does when it starts. errc::busy: a daemon uses it; errc::unsupported: the database is newer than
/// the program.
[[nodiscard]] Result<Migrated> migrate_state(const std::string& state_dir);

}  // namespace genq::app
