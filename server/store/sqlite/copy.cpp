#include "server/store/sqlite/copy.hpp"

#include <fcntl.h>

#include <filesystem>

#include "common/fs/descriptor.hpp"
#include "common/fs/ownership.hpp"
#include "common/sql/connection.hpp"
#include "common/sql/migrator.hpp"
#include "server/store/copy_mark.hpp"

namespace genq::store {

namespace {

constexpr char vacuum_into[] = "VACUUM INTO :path";
constexpr char newest_row[] = "SELECT coalesce(max(row), 0) FROM jobs";
constexpr char delete_fact[] = "DELETE FROM facts WHERE name = :name";
constexpr char write_fact[] = R"(
    INSERT INTO facts(name, value) VALUES(:name, :value) ON CONFLICT(name) DO UPDATE SET value = excluded.value)";
constexpr char read_fact[] = "SELECT 1 FROM facts WHERE name = :name";
// A task that fails in the copy has failed for the original too, which did then what its caller had opted for.
constexpr char drop_opt_in[] = R"(
    UPDATE jobs SET generation_retries = generation_tries
    WHERE status <> 'queued' AND generation_retries > generation_tries)";

// The original goes on giving out ids: a reader of its events that comes to the copy is not to find its place there.
constexpr char leave_event_ids[] = "UPDATE sqlite_sequence SET seq = seq + 4294967296 WHERE name = 'events'";
constexpr char erase_event_ids[] = R"(
    UPDATE totals SET value = (SELECT seq FROM sqlite_sequence WHERE name = 'events')
    WHERE name = 'newest_event_erased' AND EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'events'))";

Result<void> write_copy(const std::string& from, const std::string& to) {
    auto db = sql::Connection::open({.path = from, .access = sql::Access::read_only});
    if (!db) return std::unexpected(db.error());
    const auto version = sql::schema_version(**db);
    if (!version) return std::unexpected(version.error());
    if (*version == 0) return fail(errc::corrupt, from + " is no database of genqd's");
    // The copy is written by the connection that only reads the original.
    if (auto done = (*db)->script("PRAGMA query_only=OFF"); !done) return done;
    (*db)->query(vacuum_into).bind(":path", to).run();
    if (auto error = (*db)->take_error()) return std::unexpected(std::move(*error));
    return {};
}

Result<void> mark(const std::string& path, WallTime now) {
    auto opened = sql::Connection::open({.path = path});
    if (!opened) return std::unexpected(opened.error());
    sql::Connection& db = **opened;
    db.run("BEGIN IMMEDIATE");
    CopyMark mark{0, now};
    {
        auto query = db.query(newest_row);
        if (query.step()) mark.last_row = query.integer(0);
    }
    db.query(delete_fact).bind(":name", restored_fact).run();
    // The original may have started again since it stopped: when its last request was, the copy can't know.
    db.query(delete_fact).bind(":name", "stopped_at").run();
    db.query(write_fact).bind(":name", copied_fact).bind(":value", to_text(mark)).run();
    db.run(drop_opt_in);
    db.run(leave_event_ids);
    db.run(erase_event_ids);
    db.run("COMMIT");
    if (auto error = db.take_error()) return std::unexpected(std::move(*error));
    return {};
}

}  // namespace

Result<void> copy_database(const std::string& from, const std::string& to, WallTime now) {
    if (!std::filesystem::exists(from)) return fail(errc::not_found, "there is no database " + from);
    // SQLite would make it readable for everybody; what it makes beside it has the same mode.
    if (auto made = fs::make_file(to); !made) return made;
    if (auto written = write_copy(from, to); !written) return written;
    if (auto marked = mark(to, now); !marked) return marked;
    const auto file = fs::open_file(to, O_RDWR);
    if (!file) return std::unexpected(file.error());
    return fs::sync_file(*file, to);
}

Result<bool> is_fresh_copy(const std::string& path) {
    auto db = sql::Connection::open({.path = path});
    if (!db) return std::unexpected(db.error());
    const auto version = sql::schema_version(**db);
    if (!version) return std::unexpected(version.error());
    if (*version == 0) return false;
    bool found = false;
    {
        auto query = (*db)->query(read_fact);
        query.bind(":name", copied_fact);
        found = query.step();
    }
    if (auto error = (*db)->take_error()) return std::unexpected(std::move(*error));
    return found;
}

}  // namespace genq::store
