#pragma once
#include <string_view>

#include "server/app/environment.hpp"

namespace genq::cli {

/// Adds `NAME=value` lines of a .env file to those variables that are not set yet. `export ` before the name, quotes
/// around the value, empty lines and `#` comments are understood; nothing is expanded. Other lines are passed over.
void add_dotenv(std::string_view text, app::Environment& environment);

/// The same from the file `.env` in the working directory, if there is one.
void add_dotenv_file(app::Environment& environment);

}  // namespace genq::cli
