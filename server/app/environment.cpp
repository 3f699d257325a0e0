#include "server/app/environment.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace genq::app {

Environment process_environment() {
    Environment result;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const auto equals = text.find('=');
        if (equals == std::string_view::npos) continue;
        result.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return result;
}

std::optional<std::string> find(const Environment& environment, std::string_view name) {
    const auto found = environment.find(name);
    if (found == environment.end() || found->second.empty()) return std::nullopt;
    return found->second;
}

Result<std::string> read_secret_file(const std::string& path) {
    errno = 0;
    std::ifstream file(path);
    if (!file) {
        const int error = errno;
        return fail(error == ENOENT ? errc::not_found : errc::io,
                    fmt::format("{} can't be read: {}", path, std::strerror(error)));
    }
    std::string line;
    std::getline(file, line);
    const auto first = line.find_first_not_of(" \t\r");
    if (first == std::string::npos) return fail(errc::invalid_argument, fmt::format("{} is empty", path));
    return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace genq::app
