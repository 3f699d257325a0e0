#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "common/core/error.hpp"

namespace genq::app {

struct Verdict {
    std::uint64_t jobs = 0;
    std::uint64_t blobs = 0;             // that were read and hashed
    std::vector<std::string> faults;     // what is not as it was written: sentences
    std::vector<std::string> unlisted;   // blobs that no job lists; they may be there (a deleted job's, say)
    std::vector<std::string> strangers;  // files among the blobs that genqd did not write
};

/// Looks at all of a state directory, or of a backup, whether a daemon uses it or not, and changes nothing: the
/// database and what must hold of its rows, every blob's hash, listed blobs that are missing, blobs that nobody lists.
/// Blocks, for as long as the disk takes to read it all. Errors are those of check_database(), and errc::io,
/// errc::forbidden.
[[nodiscard]] Result<Verdict> verify(const std::string& state_dir);

}  // namespace genq::app
