#include "common/sql/migrator.hpp"

#include <string>

#include "common/core/rfc3339.hpp"

namespace genq::sql {

namespace {

constexpr char make_table[] = R"(
    CREATE TABLE IF NOT EXISTS schema_migrations(
        number     INTEGER PRIMARY KEY,
        name       TEXT    NOT NULL,
        sha256     TEXT    NOT NULL,
        applied_at INTEGER NOT NULL) STRICT)";
constexpr char has_table[] = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'";
constexpr char read_version[] = "SELECT coalesce(max(number), 0) FROM schema_migrations";
constexpr char read_applied[] = "SELECT sha256 FROM schema_migrations WHERE number = :number";
constexpr char note_applied[] =
    "INSERT INTO schema_migrations(number, name, sha256, applied_at) VALUES(:number, :name, :sha256, :at)";

Result<void> apply(Connection& db, const Migration& migration, WallTime now) {
    if (auto done = db.script(std::string(migration.sql)); !done) {
        done.error().detail = "migration " + std::to_string(migration.number) + ": " + done.error().detail;
        return done;
    }
    db.query(note_applied)
        .bind(":number", migration.number)
        .bind(":name", migration.name)
        .bind(":sha256", migration.sha256)
        .bind(":at", to_ms(now))
        .run();
    if (auto error = db.take_error()) return std::unexpected(std::move(*error));
    return {};
}

Result<void> apply_missing(Connection& db, std::span<const Migration> known, WallTime now) {
    db.run(make_table);
    const auto version = schema_version(db);
    if (!version) return std::unexpected(version.error());
    const int newest = known.empty() ? 0 : known.back().number;
    if (*version > newest) {
        return fail(errc::unsupported, "this database is newer than this program (schema " + std::to_string(*version) +
                                           ", program knows " + std::to_string(newest) +
                                           "): install the newer genqd, or restore a backup");
    }
    for (const auto& migration : known) {
        std::optional<std::string> applied;
        {
            auto query = db.query(read_applied);
            query.bind(":number", migration.number);
            if (query.step()) applied = query.text(0);
        }
        if (!applied) {
            if (auto done = apply(db, migration, now); !done) return done;
        } else if (*applied != migration.sha256) {
            return fail(errc::corrupt, "migration " + std::to_string(migration.number) +
                                           " of this database is not the one that this program knows: it was made by "
                                           "another build; install that one, or restore a backup");
        }
    }
    if (auto error = db.take_error()) return std::unexpected(std::move(*error));
    return {};
}

}  // namespace

Result<int> schema_version(Connection& db) {
    int version = 0;
    bool there = false;
    {
        auto query = db.query(has_table);
        there = query.step() && query.integer(0) > 0;
    }
    if (there) {
        auto query = db.query(read_version);
        if (query.step()) version = static_cast<int>(query.integer(0));
    }
    if (auto error = db.take_error()) return std::unexpected(std::move(*error));
    return version;
}

Result<void> migrate(Connection& db, std::span<const Migration> known, WallTime now) {
    if (auto begun = db.script("BEGIN IMMEDIATE"); !begun) return begun;
    auto done = apply_missing(db, known, now);
    if (done) done = db.script("COMMIT");
    if (!done && db.in_transaction()) {
        if (const auto undone = db.script("ROLLBACK"); !undone) return undone;
    }
    return done;
}

}  // namespace genq::sql
