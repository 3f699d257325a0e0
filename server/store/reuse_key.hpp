#pragma once
#include <string>

#include "server/domain/job.hpp"

namespace genq::store {

/// What jobs have in common that ask for the same: 32 hex digits of the SHA-256 of caller, model, family and the
/// canonical
/// input, with what `contents` knows in the place of its references, so that files are compared by their bytes. Pure;
/// its time grows with the input. "" for an input that can't be read.
[[nodiscard]] std::string reuse_key(const NewJob& job);

}  // namespace genq::store
