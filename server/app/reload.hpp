#pragma once
#include <string>
#include <vector>

#include "server/app/settings.hpp"

namespace genq::app {

/// errc::conflict for settings that a running daemon does not take over: without tokens where it has some, so that to
/// lose a file, or its last token, never opens the API. The sentence says what to do.
[[nodiscard]] Result<void> check_reload(const Settings& running, const Settings& wanted);

/// The keys that differ, and are read at a start only: "http.listen". Secrets that a file holds are not looked at.
[[nodiscard]] std::vector<std::string> keys_for_a_restart(const Config& started, const Config& wanted);

}  // namespace genq::app
