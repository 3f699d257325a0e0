#pragma once
#include <span>
#include <string_view>

#include "common/core/clock.hpp"
#include "common/core/error.hpp"
#include "common/sql/connection.hpp"

namespace genq::sql {

/// One numbered file of `migrations/`, compiled in. Never edited once it was released: the hash is kept in the
/// database.
struct Migration {
    int number = 0;
    std::string_view name;
    std::string_view sha256;  // of the file, lower-case hex
    std::string_view sql;
};

/// Brings a database up to the last of `known` (numbers rise): what is missing is applied in one transaction, and noted
/// with `now` in the table schema_migrations. Nothing is changed when it fails: errc::unsupported for a database that
/// is newer than the program, errc::corrupt when a migration that was applied is not the one that is known here.
[[nodiscard]] Result<void> migrate(Connection& db, std::span<const Migration> known, WallTime now);

/// The number of the last migration applied; 0 for an empty database.
[[nodiscard]] Result<int> schema_version(Connection& db);

}  // namespace genq::sql
