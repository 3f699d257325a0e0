#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "common/core/error.hpp"
#include "server/domain/ids.hpp"

namespace genq::store {

struct ListedBlob {
    Digest digest;
    std::uint64_t bytes = 0;
};

/// What check_database() found.
struct DatabaseCheck {
    std::vector<std::string> faults;  // sentences for people, the first hundred of each kind
    std::uint64_t jobs = 0;
    std::vector<ListedBlob> blobs;  // that some output lists; each once, in the digests' order
    bool readable = true;           // false: too damaged to look into, so `jobs` and `blobs` say nothing
};

/// Looks at a whole database as one moment has it, whether a daemon uses it or not: SQLite's own check, references, and
/// of each job what must hold of it and of what belongs to it. Changes nothing. Blocks, for seconds with a million
/// jobs. errc::not_found; errc::unsupported: of an older or newer program; errc::busy, io.
[[nodiscard]] Result<DatabaseCheck> check_database(const std::string& path);

}  // namespace genq::store
