#pragma once
#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/core/error.hpp"

namespace genq::cli {

/// A job's input as it is written. What `key=text` means is the model's to say (`make_input`).
struct Input {
    boost::json::object values{};  // of `key:=json`
    std::vector<std::pair<std::string, std::string>>
        words{};  // of `key=text`; a key repeats with files alone: `=@path`
};
/// Reads `key=text` and `key:=json` arguments; the latter takes JSON of any kind (`seed:='"42"'`, `x:=null`).
/// errc::invalid_argument: no `=`, an empty or a repeated key, broken JSON after `:=`.
[[nodiscard]] Result<Input> parse_input(const std::vector<std::string>& arguments);

/// What a text is when nobody says: a JSON number, true, false, an array or an object is taken as that, all else as
/// text.
[[nodiscard]] boost::json::value guess(std::string_view text);

/// Reads `K=V` arguments as labels.
[[nodiscard]] Result<boost::json::object> parse_labels(const std::vector<std::string>& arguments);

/// A file's text as the body of POST /v1/batches: a list of jobs, jobs one after the other (JSON Lines, say), or the
/// whole body. errc::invalid_argument, with the line.
[[nodiscard]] Result<boost::json::object> parse_batch(std::string_view text);

/// The text of a file; "-" is the standard input. errc::invalid_argument.
[[nodiscard]] Result<std::string> read_text(const std::string& file);
/// A file that holds one JSON object. errc::invalid_argument.
[[nodiscard]] Result<boost::json::object> read_json_object(const std::string& file);

/// A span of time: `90`, `90s`, `10m`, `2h`, `1d`, or several, the largest first: `1h30m`; in seconds.
/// errc::invalid_argument.
[[nodiscard]] Result<std::int64_t> parse_duration_s(std::string_view text);
/// The same of an option; nullopt for "", when it is not given.
[[nodiscard]] Result<std::optional<std::int64_t>> parse_timeout_s(std::string_view text);

}  // namespace genq::cli
