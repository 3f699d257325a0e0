#pragma once
#include <cstdint>
#include <string_view>

#include "server/domain/job.hpp"

namespace genq::store::sqlite {

/// The columns of a row that are JSON, as they are stored; "" for NULL. A value that was read and written again may
/// have another text.
struct RowTexts {
    std::string_view warnings{};
    std::string_view labels{};
    std::string_view error{};
    std::string_view result{};
};

/// A sum of what save() and the insertion write of a job (64 bits of a SHA-256), stored beside it. SQLite finds damage
/// of its own structure; this finds a byte that changed inside a value (DESIGN.md, "Scrubbing"). Not in it: what other
/// statements write (links, reuse_key, sent_input, sent_until, generation_retries).
[[nodiscard]] std::int64_t row_sum(const Job& job, const RowTexts& texts);

}  // namespace genq::store::sqlite
