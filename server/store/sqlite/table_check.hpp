#pragma once
#include <memory>
#include <string>
#include <vector>

#include "common/sql/connection.hpp"

namespace genq::store {

/// SQLite's quick check of one table after another, beside a daemon that writes: each in a read transaction of its own,
/// which a checkpoint waits for no longer than that table takes. One thread, but for interrupt().
class TableCheck {
  public:
    /// errc::io, busy; errc::corrupt: it is no database.
    [[nodiscard]] static Result<std::unique_ptr<TableCheck>> open(const std::string& path);

    /// errc::corrupt: too damaged to name them.
    [[nodiscard]] Result<std::vector<std::string>> tables();
    /// What is wrong with the table and its indexes, in SQLite's words, and which jobs can't be read or are not what
    /// was written; empty: nothing. Blocks, a second for some hundreds of MB. errc::canceled: interrupted; io, busy.
    [[nodiscard]] Result<std::vector<std::string>> check(const std::string& table);
    /// Ends a check that runs. Any thread, as long as this lives.
    void interrupt() { db_->interrupt(); }

  private:
    explicit TableCheck(std::unique_ptr<sql::Connection> db) : db_(std::move(db)) {}
    std::unique_ptr<sql::Connection> db_;
};

}  // namespace genq::store
