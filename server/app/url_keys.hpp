#pragma once
#include <memory>
#include <string>

#include "common/core/error.hpp"
#include "common/core/random.hpp"
#include "server/api/signed_url.hpp"

namespace genq::app {

/// The keys of signed URLs (`<state>/url_keys`, 0600: a line of 64 hex digits each, the first signs). Made at the first
/// start, on disk before it is used. Blocks. errc::corrupt for a file that is none; errc::io and the like name it.
[[nodiscard]] Result<std::shared_ptr<const api::UrlKeys>> load_url_keys(const std::string& state_dir, Random& random);

/// Puts a new key before the one that signs now, and forgets all others. The file keeps its owner. Blocks.
/// errc::not_found: there is no such state directory.
[[nodiscard]] Result<void> rotate_url_keys(const std::string& state_dir, Random& random);

}  // namespace genq::app
