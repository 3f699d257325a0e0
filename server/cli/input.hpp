#pragma once
#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/core/error.hpp"

namespace genq::cli {

/// Reads `key=value` arguments as a job's input. A value that is a JSON number, true, false, an array or an object is
/// taken as that, anything else as text; `key:=json` takes JSON of any kind (`seed:='"42"'`, `x:=null`). `key=@file` is
/// a local file; given more than once it makes a list. errc::invalid_argument: no `=`, an empty or a repeated key,
/// broken JSON after `:=`.
struct Input {
    boost::json::object values{};                              // of what are no files
    std::vector<std::pair<std::string, std::string>> files{};  // key and path
};
[[nodiscard]] Result<Input> parse_input(const std::vector<std::string>& arguments);

/// Reads `K=V` arguments as labels.
[[nodiscard]] Result<boost::json::object> parse_labels(const std::vector<std::string>& arguments);

/// A file's text as the body of POST /v1/batches: a list of jobs, jobs one after the other (JSON Lines, say), or the
/// whole body. errc::invalid_argument, with the line.
[[nodiscard]] Result<boost::json::object> parse_batch(std::string_view text);

/// A span of time: `90`, `90s`, `10m`, `2h` or `1d`, in seconds. errc::invalid_argument.
[[nodiscard]] Result<std::int64_t> parse_duration_s(std::string_view text);

}  // namespace genq::cli
