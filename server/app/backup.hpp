#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "common/core/clock.hpp"
#include "common/core/error.hpp"

namespace genq::app {

struct Backup {
    std::uint64_t jobs = 0;
    std::uint64_t blobs_copied = 0;
    std::uint64_t blobs_there = 0;    // from an earlier backup into the same directory
    std::uint64_t blobs_mended = 0;   // likewise, but found damaged and copied again
    std::vector<std::string> faults;  // blobs that are missing or damaged, and so are not in the backup
};

/// Copies a state directory, which a daemon may be using, into `target`, which is made if missing: the database as one
/// moment has it, then the blobs that it lists, then the database gets its name (DESIGN.md, "Backups"). The key of
/// signed URLs comes along. An earlier backup in `target` is replaced only by a whole one. All of it is for the owner
/// only. errc::invalid_argument: `target` is the directory itself, or in it;
/// errc::busy: a daemon uses `target`; errc::conflict: what is in `target` is no backup; errc::not_found: there is no
/// database; errc::corrupt: the database is damaged; errc::storage_full, io. Blocks.
[[nodiscard]] Result<Backup> back_up(const std::string& state_dir, const std::string& target, Clock& clock);

}  // namespace genq::app
