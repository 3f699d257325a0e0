#pragma once
#include <boost/json/value.hpp>
#include <optional>
#include <string>

#include "common/core/clock.hpp"
#include "common/sql/query.hpp"
#include "server/domain/job.hpp"

namespace genq::store::sqlite {

/// Reads the columns of a row one after the other. What can't be read (a word that is no enumerator, text that is no
/// JSON) makes the row damaged() and reads as a default.
class RowColumns {
  public:
    explicit RowColumns(const sql::Query& query) : query_(query) {}

    [[nodiscard]] std::int64_t integer() { return query_.integer(next_++); }
    [[nodiscard]] int small() { return static_cast<int>(integer()); }
    [[nodiscard]] std::string text() { return std::string(query_.text(next_++)); }
    [[nodiscard]] std::optional<std::string> maybe_text();
    [[nodiscard]] std::optional<int> maybe_small() {
        const auto value = query_.maybe_integer(next_++);
        return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
    }
    [[nodiscard]] std::optional<std::int64_t> maybe_integer() { return query_.maybe_integer(next_++); }
    [[nodiscard]] std::optional<double> maybe_real() { return query_.maybe_real(next_++); }
    [[nodiscard]] WallTime time();
    [[nodiscard]] std::optional<WallTime> maybe_time();
    [[nodiscard]] std::optional<boost::json::value> maybe_json();
    /// The text that maybe_json() read last, "" for NULL; good until the statement moves on.
    [[nodiscard]] std::string_view json_text() const { return json_text_; }
    /// A word of a closed set, read by one of the domain's `…_from(text)`.
    template <class From>
    [[nodiscard]] auto word(From from) {
        auto value = from(query_.text(next_++));
        damaged_ |= !value.has_value();
        return value.value_or(typename decltype(value)::value_type{});
    }
    template <class From>
    [[nodiscard]] auto maybe_word(From from) -> decltype(from(std::string_view())) {
        if (query_.is_null(next_)) {
            ++next_;
            return std::nullopt;
        }
        return word(from);
    }
    void damage() { damaged_ = true; }
    [[nodiscard]] bool damaged() const { return damaged_; }

  private:
    const sql::Query& query_;
    int next_ = 0;
    bool damaged_ = false;
    std::string_view json_text_;
};

// How the structured columns are written and read: JSON as text, NULL for nothing.
[[nodiscard]] std::optional<std::string> labels_text(const Labels& labels);
[[nodiscard]] Labels labels_from(const std::optional<boost::json::value>& json);
[[nodiscard]] std::optional<std::string> warnings_text(const std::vector<std::string>& warnings);
[[nodiscard]] std::vector<std::string> warnings_from(const std::optional<boost::json::value>& json);
[[nodiscard]] std::string error_text(const JobError& error);
/// Without the code, which has a column of its own.
[[nodiscard]] JobError error_from(const boost::json::value& json);

}  // namespace genq::store::sqlite
