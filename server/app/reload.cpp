#include "server/app/reload.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "server/app/config_keys.hpp"

namespace genq::app {
namespace {

// What is read at a start only: whole sections, and keys of others.
constexpr std::array<std::string_view, 10> read_at_start{"http",
                                                         "state",
                                                         "database",
                                                         "front",
                                                         "tracing",
                                                         "media",
                                                         "models.allow_unknown",
                                                         "models.validation",
                                                         "log.format",
                                                         "downloads.allow_private"};

bool is_read_at_start(const Key& key) {
    return std::ranges::any_of(read_at_start,
                               [&](std::string_view name) { return name == key.section || name == key.path(); });
}

}  // namespace

Result<void> check_reload(const Settings& running, const Settings& wanted) {
    if (running.tokens.empty() || !wanted.tokens.empty()) return {};
    return fail(errc::conflict,
                "there would be no token any more, and a reload does not open the API to everybody: make one "
                "(`genqd token new NAME`), or restart to serve without");
}

std::vector<std::string> keys_for_a_restart(const Config& started, const Config& wanted) {
    std::vector<std::string> keys;
    for (const Key& key : config_keys()) {
        if (is_read_at_start(key) && !same_value(key, started, wanted)) keys.push_back(key.path());
    }
    return keys;
}

}  // namespace genq::app
