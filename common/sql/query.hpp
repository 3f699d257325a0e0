#pragma once
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

struct sqlite3_stmt;

namespace genq::sql {

class Connection;

/// One run of a prepared statement: bind by name, step, read columns by number (from 0, in the order that the statement
/// lists them). Ends with its destruction, which makes the statement free for the next run. Errors stick to the
/// connection: see there. Binding a name that the statement does not have, or reading a column as what it is not, is a
/// bug and ends the process.
class Query {
  public:
    /// `statement` is null only when the connection has failed: then nothing happens.
    Query(Connection& db, sqlite3_stmt* statement);
    ~Query();
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;

    /// Text is not copied: it must live until the run is over. A temporary std::string is copied.
    Query& bind(const char* name, std::string_view text);
    Query& bind(const char* name, const std::string& text) { return bind(name, std::string_view(text)); }
    Query& bind(const char* name, std::string&& text);
    Query& bind(const char* name, const char* text) { return bind(name, std::string_view(text)); }
    Query& bind(const char* name, double number);
    Query& bind(const char* name, std::nullopt_t);
    template <std::integral Integer>
    Query& bind(const char* name, Integer number) {
        return bind_integer(name, static_cast<std::int64_t>(number));
    }
    template <class T>
    Query& bind(const char* name, const std::optional<T>& value) {
        return value ? bind(name, *value) : bind(name, std::nullopt);
    }
    template <class T>
    Query& bind(const char* name, std::optional<T>&& value) {
        return value ? bind(name, std::move(*value)) : bind(name, std::nullopt);
    }

    /// True when there is a row to read; false when there is none (any more), or after an error.
    [[nodiscard]] bool step();
    /// Steps to the end.
    void run();

    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] double real(int column) const;
    /// Lives until the next step.
    [[nodiscard]] std::string_view text(int column) const;
    [[nodiscard]] std::optional<std::int64_t> maybe_integer(int column) const;
    [[nodiscard]] std::optional<double> maybe_real(int column) const;

  private:
    Query& bind_integer(const char* name, std::int64_t number);
    [[nodiscard]] int index_of(const char* name) const;

    Connection& db_;
    sqlite3_stmt* statement_;
};

}  // namespace genq::sql
