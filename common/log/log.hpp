#pragma once
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace genq::log {

enum class Level { debug, info, warn, error };
enum class Format { text, json };

/// One field of an event; one without a key is left out. Values must not hold secrets; URLs go through without_query()
/// first.
struct Field {
    std::string_view key;
    std::variant<std::string, std::int64_t, double, bool> value;

    Field(std::string_view k, std::string v) : key(k), value(std::move(v)) {}
    Field(std::string_view k, std::string_view v) : key(k), value(std::string(v)) {}
    Field(std::string_view k, const char* v) : key(k), value(std::string(v)) {}
    Field(std::string_view k, double v) : key(k), value(v) {}
    Field(std::string_view k, bool v) : key(k), value(v) {}
    template <std::integral I>
    Field(std::string_view k, I v) : key(k), value(static_cast<std::int64_t>(v)) {}
};

/// What several events are about: fields that stand before each one's own.
struct Subject {
    explicit Subject(std::initializer_list<Field> f) : fields(f) {}
    std::vector<Field> fields;
};

/// Events with a fixed message and fields, one line each on standard error. Thread-safe; does not throw.
class Logger {
  public:
    Logger(Level level, Format format);
    ~Logger();
    Logger(const Logger&) = delete;
    Logger& operator=(const Logger&) = delete;

    void debug(std::string_view message, std::initializer_list<Field> fields = {}) {
        write(Level::debug, message, fields);
    }
    void info(std::string_view message, std::initializer_list<Field> fields = {}) {
        write(Level::info, message, fields);
    }
    void warn(std::string_view message, std::initializer_list<Field> fields = {}) {
        write(Level::warn, message, fields);
    }
    void error(std::string_view message, std::initializer_list<Field> fields = {}) {
        write(Level::error, message, fields);
    }
    void debug(std::string_view message, const Subject& subject, std::initializer_list<Field> fields = {}) {
        write(Level::debug, message, subject, fields);
    }
    void info(std::string_view message, const Subject& subject, std::initializer_list<Field> fields = {}) {
        write(Level::info, message, subject, fields);
    }
    void warn(std::string_view message, const Subject& subject, std::initializer_list<Field> fields = {}) {
        write(Level::warn, message, subject, fields);
    }
    void error(std::string_view message, const Subject& subject, std::initializer_list<Field> fields = {}) {
        write(Level::error, message, subject, fields);
    }
    void write(Level level, std::string_view message, std::initializer_list<Field> fields);
    void write(Level level, std::string_view message, const Subject& subject, std::initializer_list<Field> fields);
    void set_level(Level level);
    [[nodiscard]] bool enabled(Level level) const;

  private:
    void write_line(Level level, std::string_view message, std::span<const Field> fields);
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// `trace_id`, the trace's id in a W3C traceparent (`00-<32 hex>-…`); of "" a field that is left out.
[[nodiscard]] Field trace(std::string_view traceparent);

/// A field that is left out if its value is "".
[[nodiscard]] Field if_known(std::string_view key, std::string_view value);

/// The URL up to its query: signatures in queries are secrets.
[[nodiscard]] std::string without_query(std::string_view url);

}  // namespace genq::log
