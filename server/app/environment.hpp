#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/core/error.hpp"

namespace genq::app {

/// Environment variables by name. A value like any other, so that tests make their own.
using Environment = std::map<std::string, std::string, std::less<>>;

/// The process's own variables: the one place that reads them. Call it before other threads start.
[[nodiscard]] Environment process_environment();

/// The variable's value; nullopt if it is not set or empty.
[[nodiscard]] std::optional<std::string> find(const Environment& environment, std::string_view name);

/// The first line of a small file (a key, a token) without the white space around it. errc::not_found, errc::io,
/// errc::invalid_argument for an empty one; each names the file, never what is in it.
[[nodiscard]] Result<std::string> read_secret_file(const std::string& path);

}  // namespace genq::app
