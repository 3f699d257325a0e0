#pragma once
#include <string>

#include "common/fs/descriptor.hpp"

namespace genq::fs {

/// The folder that a path is in: "." for a name alone.
[[nodiscard]] std::string folder_of(const std::string& path);

/// If this process is root's, gives the file the owner and the group of what is at `like`; else does nothing. What root
/// makes where a service with a user of its own works would lock that one out.
[[nodiscard]] Result<void> take_owner_of(const std::string& like, const Descriptor& file);

/// Makes an empty file for its owner alone (0600), with the owner of its folder if this process is root's. A file that
/// is there stays as it is. errc::forbidden, not_found (the folder), io.
[[nodiscard]] Result<void> make_file(const std::string& path);

}  // namespace genq::fs
