#include "common/sql/connection.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <utility>

#include "common/core/check.hpp"

namespace genq::sql {

namespace {

errc to_errc(int code, int system_error) {
    const bool no_room = system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG;
    if (no_room && (code & 0xFF) == SQLITE_IOERR) return errc::storage_full;
    switch (code & 0xFF) {
        case SQLITE_FULL:
            return errc::storage_full;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return errc::busy;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_CONSTRAINT:
        case SQLITE_MISMATCH:
            return errc::corrupt;
        case SQLITE_INTERRUPT:
            return errc::canceled;
        case SQLITE_PERM:
        case SQLITE_READONLY:
        case SQLITE_AUTH:
            return errc::forbidden;
        default:
            return errc::io;
    }
}

// SQLite counts its memory behind one lock for all connections, which reader and writer would meet at. Nobody asks for
// the count. Only the first call in a process does anything.
void set_up_library() {
    [[maybe_unused]] static const int done = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const OpenOptions& options) {
    set_up_library();
    std::unique_ptr<Connection> db(new Connection);
    const bool writes = options.access == Access::read_write;
    const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                      (writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
    if (const int code = sqlite3_open_v2(options.path.c_str(), &db->db_, flags, nullptr); code != SQLITE_OK) {
        return fail(to_errc(code, db->db_ == nullptr ? 0 : sqlite3_system_errno(db->db_)),
                    "the database " + options.path + " can't be opened: " + sqlite3_errstr(code));
    }
    sqlite3_busy_timeout(db->db_, static_cast<int>(options.busy_timeout.count()));
    sqlite3_db_config(db->db_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(db->db_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    sqlite3_db_config(db->db_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(db->db_, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
    sqlite3_wal_autocheckpoint(db->db_, 0);
    std::string setup = "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;";
    if (writes) {
        setup += "PRAGMA journal_mode=WAL; PRAGMA journal_size_limit=67108864;";
        setup += options.synchronous == Synchronous::full ? "PRAGMA synchronous=FULL;" : "PRAGMA synchronous=NORMAL;";
    } else {
        setup += "PRAGMA query_only=ON;";
    }
    if (auto done = db->script(setup); !done) {
        done.error().detail = "the database " + options.path + " can't be used: " + done.error().detail;
        return std::unexpected(std::move(done.error()));
    }
    return db;
}

Connection::~Connection() {
    for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
    GENQ_CHECK(sqlite3_close(db_) == SQLITE_OK);
}

Query Connection::query(const char* sql) {
    auto& statement = statements_[sql];
    if (statement == nullptr) {
        int code = sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
        // Of a table-valued pragma, SQLite calls an interruption a mistake in the SQL.
        if (code == SQLITE_ERROR && interrupted_) code = SQLITE_INTERRUPT;
        GENQ_CHECK(code != SQLITE_ERROR);
        if (code != SQLITE_OK) fail_with(code, sql);
    }
    return Query(*this, statement);
}

Result<void> Connection::script(const std::string& sql) {
    const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return fail(to_errc(code, sqlite3_system_errno(db_)), sqlite3_errmsg(db_));
    return {};
}

void Connection::fail_with(int code, const char* what) {
    // SQLite knows ENOSPC only; of other errors it keeps no number, but the thread still has it (step() cleared it).
    const int system_error = errno;
    if (error_) return;
    error_ = Error{to_errc(code, system_error),
                   std::string("database: ") + sqlite3_errmsg(db_) + " in: " + (what == nullptr ? "" : what)};
}

std::optional<Error> Connection::take_error() {
    return std::exchange(error_, std::nullopt);
}

bool Connection::in_transaction() const {
    return sqlite3_get_autocommit(db_) == 0;
}

std::int64_t Connection::changes() const {
    return sqlite3_changes64(db_);
}

void Connection::interrupt() {
    interrupted_ = true;
    sqlite3_interrupt(db_);
}

void Connection::on_wal_grown(std::function<void(int)> hook) {
    wal_hook_ = std::move(hook);
    sqlite3_wal_hook(
        db_,
        [](void* self, sqlite3*, const char*, int pages) {
            static_cast<Connection*>(self)->wal_hook_(pages);
            return SQLITE_OK;
        },
        this);
}

Result<Connection::Checkpoint> Connection::checkpoint() {
    Checkpoint done;
    const int code =
        sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_PASSIVE, &done.log_pages, &done.moved_pages);
    if (code != SQLITE_OK) {
        return fail(to_errc(code, sqlite3_system_errno(db_)), std::string("checkpoint: ") + sqlite3_errmsg(db_));
    }
    return done;
}

Savepoint::Savepoint(Connection& db) : db_(db) {
    db_.run("SAVEPOINT genq_write");
}

Savepoint::~Savepoint() {
    // An error that ended the transaction took the savepoint with it.
    if (!open_ || !db_.in_transaction()) return;
    const auto error = db_.script("ROLLBACK TO genq_write; RELEASE genq_write");
    GENQ_CHECK(error.has_value() || !db_.in_transaction());
}

void Savepoint::keep() {
    db_.run("RELEASE genq_write");
    open_ = false;
}

}  // namespace genq::sql
