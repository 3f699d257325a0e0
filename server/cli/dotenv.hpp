#pragma once
#include <string_view>

#include "server/app/environment.hpp"

namespace genq::cli {

/// What the lines `NAME=value` of a .env file say of the daemon: GENQD_URL, GENQD_TOKEN, GENQD_TOKEN_FILE and
/// GENQD_PROFILE. Any other variable is passed over: the file may have come with a folder of somebody else's, so it
/// decides nothing about this process. `export ` before the name, quotes around the value, empty lines and comments
/// are understood, the latter after white space too; nothing is expanded.
[[nodiscard]] app::Environment parse_dotenv(std::string_view text);

/// The same of the file `.env` in the working directory; empty if there is none, or something that is no file.
[[nodiscard]] app::Environment read_dotenv();

}  // namespace genq::cli
