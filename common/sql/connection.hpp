#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "common/core/error.hpp"
#include "common/sql/query.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace genq::sql {

enum class Synchronous { full, normal };
enum class Access { read_write, read_only };

struct OpenOptions {
    std::string path;
    Access access = Access::read_write;  ///< read_write makes the file if it is not there
    Synchronous synchronous = Synchronous::full;
    std::chrono::milliseconds busy_timeout{5'000};
};

/// One connection to an SQLite file in WAL mode, strictly set up: foreign keys on, no double-quoted strings, no trust
/// in the schema. Checkpoints are its owner's business (checkpoint()). Used by one thread at a time.
///
/// **Errors stick.** After a failed statement the connection has failed(): queries neither run nor give rows until
/// take_error(). So a transaction is written as if nothing went wrong, and whoever owns it asks once, before the
/// commit.
class Connection {
  public:
    /// errc::io, errc::corrupt (no database), errc::busy (locked by another process).
    [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const OpenOptions& options);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// A run of one statement. `sql` must be a constant with static storage: the statement is prepared once and kept by
    /// its address. It must not be in use by another Query. Faulty SQL is a bug and ends the process.
    [[nodiscard]] Query query(const char* sql);
    /// Runs a statement that takes and gives nothing: BEGIN, COMMIT, SAVEPOINT…
    void run(const char* sql) { query(sql).run(); }
    /// Runs a script of any number of statements; not cached.
    [[nodiscard]] Result<void> script(const std::string& sql);

    [[nodiscard]] bool failed() const { return error_.has_value(); }
    /// The first error since the last call, if any; the connection works again.
    [[nodiscard]] std::optional<Error> take_error();
    /// True between BEGIN and its end. Some errors (a full disk) end a transaction by rolling it back.
    [[nodiscard]] bool in_transaction() const;
    /// Rows changed by the last statement.
    [[nodiscard]] std::int64_t changes() const;
    /// The statement that runs or is prepared fails, as errc::canceled. Any thread, as long as the connection lives.
    void interrupt();

    /// Called after each commit with the pages that the write-ahead log holds.
    void on_wal_grown(std::function<void(int pages)> hook);
    struct Checkpoint {
        int log_pages = 0;    // that the log holds
        int moved_pages = 0;  // of these, already in the database file
    };
    /// Moves the log's pages into the database file, as far as readers allow; waits for nobody
    /// (SQLITE_CHECKPOINT_PASSIVE). Never within a transaction.
    [[nodiscard]] Result<Checkpoint> checkpoint();

  private:
    friend class Query;
    Connection() = default;
    void fail_with(int code, const char* what);

    sqlite3* db_ = nullptr;
    std::unordered_map<const char*, sqlite3_stmt*> statements_;
    std::optional<Error> error_;
    std::atomic<bool> interrupted_{false};  // at any time
    std::function<void(int)> wal_hook_;
};

/// A savepoint that is undone unless kept. Lives inside a transaction; savepoints don't nest here.
class Savepoint {
  public:
    explicit Savepoint(Connection& db);
    /// Rolls back to the start unless keep() was called, also when the connection has failed.
    ~Savepoint();
    Savepoint(const Savepoint&) = delete;
    Savepoint& operator=(const Savepoint&) = delete;
    void keep();

  private:
    Connection& db_;
    bool open_ = true;
};

}  // namespace genq::sql
