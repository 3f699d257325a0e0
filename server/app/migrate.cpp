#include "server/app/migrate.hpp"

#include "common/core/clock.hpp"
#include "common/core/random.hpp"
#include "common/fs/ownership.hpp"
#include "common/sql/connection.hpp"
#include "common/sql/migrator.hpp"
#include "server/app/state_dir.hpp"
#include "server/store/sqlite/sqlite_job_store.hpp"

namespace genq::app {
namespace {

Result<int> version_of(const std::string& file) {
    auto db = sql::Connection::open({.path = file});
    if (!db) return std::unexpected(db.error());
    return sql::schema_version(**db);
}

}  // namespace

Result<Migrated> migrate_state(const std::string& state_dir) {
    const auto held = StateDir::open(state_dir);
    if (!held) return std::unexpected(held.error());
    if (auto made = fs::make_file(held->database()); !made) return std::unexpected(made.error());
    const auto before = version_of(held->database());
    if (!before) return std::unexpected(before.error());
    {
        SystemClock clock;
        SystemRandom random;
        store::SqliteOptions options;
        options.path = held->database();
        const auto store = store::SqliteJobStore::open(std::move(options), clock, random);
        if (!store) return std::unexpected(store.error());
    }
    const auto after = version_of(held->database());
    if (!after) return std::unexpected(after.error());
    return Migrated{*before, *after};
}

}  // namespace genq::app
