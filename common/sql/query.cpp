#include "common/sql/query.hpp"

#include <sqlite3.h>

#include <cerrno>

#include "common/core/check.hpp"
#include "common/sql/connection.hpp"

namespace genq::sql {

Query::Query(Connection& db, sqlite3_stmt* statement) : db_(db), statement_(statement) {
    GENQ_CHECK(statement_ != nullptr ? sqlite3_stmt_busy(statement_) == 0 : db_.failed());
}

Query::~Query() {
    if (statement_ == nullptr) return;
    // The code that reset returns is that of the last step, which stuck to the connection already.
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
}

int Query::index_of(const char* name) const {
    const int index = sqlite3_bind_parameter_index(statement_, name);
    GENQ_CHECK(index > 0);
    return index;
}

Query& Query::bind(const char* name, std::string_view text) {
    if (statement_ == nullptr) return *this;
    // An empty view may point nowhere, and SQLite reads a null pointer as NULL.
    const char* data = text.data() == nullptr ? "" : text.data();
    GENQ_CHECK(sqlite3_bind_text64(statement_, index_of(name), data, text.size(), SQLITE_STATIC, SQLITE_UTF8) ==
               SQLITE_OK);
    return *this;
}

Query& Query::bind(const char* name, std::string&& text) {
    if (statement_ == nullptr) return *this;
    // SQLITE_TRANSIENT, spelt without its old-style cast. NOLINTNEXTLINE(performance-no-int-to-ptr): it is no address.
    const auto transient = reinterpret_cast<sqlite3_destructor_type>(-1);
    const int code = sqlite3_bind_text64(statement_, index_of(name), text.data(), text.size(), transient, SQLITE_UTF8);
    if (code != SQLITE_OK) db_.fail_with(code, "bind");
    return *this;
}

Query& Query::bind(const char* name, double number) {
    if (statement_ == nullptr) return *this;
    GENQ_CHECK(sqlite3_bind_double(statement_, index_of(name), number) == SQLITE_OK);
    return *this;
}

Query& Query::bind(const char* name, std::nullopt_t) {
    if (statement_ == nullptr) return *this;
    GENQ_CHECK(sqlite3_bind_null(statement_, index_of(name)) == SQLITE_OK);
    return *this;
}

Query& Query::bind_integer(const char* name, std::int64_t number) {
    if (statement_ == nullptr) return *this;
    GENQ_CHECK(sqlite3_bind_int64(statement_, index_of(name), number) == SQLITE_OK);
    return *this;
}

bool Query::step() {
    if (db_.failed()) return false;
    errno = 0;
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) db_.fail_with(code, sqlite3_sql(statement_));
    return false;
}

void Query::run() {
    while (step()) {
    }
}

bool Query::is_null(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Query::integer(int column) const {
    GENQ_CHECK(sqlite3_column_type(statement_, column) == SQLITE_INTEGER);
    return sqlite3_column_int64(statement_, column);
}

double Query::real(int column) const {
    const int type = sqlite3_column_type(statement_, column);
    GENQ_CHECK(type == SQLITE_FLOAT || type == SQLITE_INTEGER);
    return sqlite3_column_double(statement_, column);
}

std::string_view Query::text(int column) const {
    GENQ_CHECK(sqlite3_column_type(statement_, column) == SQLITE_TEXT);
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::optional<std::int64_t> Query::maybe_integer(int column) const {
    return is_null(column) ? std::nullopt : std::optional(integer(column));
}

std::optional<double> Query::maybe_real(int column) const {
    return is_null(column) ? std::nullopt : std::optional(real(column));
}

}  // namespace genq::sql
