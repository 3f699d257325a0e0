#pragma once
#include <string>
#include <vector>

#include "common/core/error.hpp"
#include "server/app/environment.hpp"

namespace genq::app {

/// A daemon that has a name on this machine: a table of profiles.toml.
struct Profile {
    std::string url;
    std::string token_file;  ///< "" for none
};

/// The file with the profiles: $XDG_CONFIG_HOME/genqd/profiles.toml, else ~/.config/genqd/profiles.toml (XDG Base
/// Directory Specification). "" where neither variable is set.
[[nodiscard]] std::string profiles_file(const Environment& environment);

/// The profile of that name. errc::not_found if there is no such file or profile, errc::invalid_argument for a file
/// with a mistake; each says what to do. A relative token_file is one beside profiles.toml.
[[nodiscard]] Result<Profile> read_profile(const std::string& name, const Environment& environment);

/// A path with `~/` in front, which no shell expands inside quotes, as one in the home directory; others as they are.
[[nodiscard]] std::string expand_home(std::string path, const Environment& environment);

/// The names of all profiles, for completion; none where the file is missing or has a mistake.
[[nodiscard]] std::vector<std::string> profile_names(const Environment& environment);

}  // namespace genq::app
