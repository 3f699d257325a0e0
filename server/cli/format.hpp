#pragma once
#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.hpp"

namespace genq::cli {

/// Columns under headings, two spaces between them; the last one is not padded. Every row has as many cells as the
/// first, which holds the headings. Text of others is made printable. What is wider than `columns` all together loses
/// the ends of its widest cells, never those of the first, by which a row is named.
[[nodiscard]] std::string render_table(const std::vector<std::vector<std::string>>& rows,
                                       std::size_t columns = SIZE_MAX);
/// The columns of the terminal that stdout is; SIZE_MAX where it is none, and programs read the whole of it.
[[nodiscard]] std::size_t stdout_columns();

/// JSON as people write it: 9.7, not 9.7E0.
[[nodiscard]] std::string to_json(const boost::json::value& value);
/// "512 B", "1.4 kB", "23 MB", "1.2 GB": powers of 1000.
[[nodiscard]] std::string human_bytes(std::uint64_t bytes);
/// "8 s", "1 min 20 s", "2 h 5 min".
[[nodiscard]] std::string human_seconds(std::int64_t seconds);
/// Control characters, those of the direction of writing and bytes that are no UTF-8 become `?`, so that a server's
/// words can't move the cursor or show themselves as others.
[[nodiscard]] std::string printable(std::string_view text);

// Reading answers without insisting on their shape: "" or null where something is missing or of another kind.

/// `value.a.b` for path "a.b"; null if there is none. Lives as long as `value`.
[[nodiscard]] const boost::json::value& at(const boost::json::value& value, std::string_view path);
/// The same as text: strings as they are, numbers and booleans in JSON's form, null as "".
[[nodiscard]] std::string text_at(const boost::json::value& value, std::string_view path);
[[nodiscard]] std::int64_t int_at(const boost::json::value& value, std::string_view path);
/// The elements of an array; none if it is no array.
[[nodiscard]] const boost::json::array& array_at(const boost::json::value& value, std::string_view path);

/// One line about a job on its way: status, why it waits, how far it is, seconds so far.
[[nodiscard]] std::string progress_line(const boost::json::value& job, std::int64_t elapsed_s);
/// A job for people, several lines.
[[nodiscard]] std::string describe_job(const boost::json::value& job);
[[nodiscard]] bool is_finished(const boost::json::value& job);

}  // namespace genq::cli
