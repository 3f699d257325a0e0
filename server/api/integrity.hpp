#pragma once
#include <cstdint>

namespace genq::api {

/// What is known to be damaged on the disk; `/readyz` shows it.
struct Integrity {
    bool database_damaged = false;
    std::int64_t blobs_damaged = 0;  // or not readable
};

}  // namespace genq::api
