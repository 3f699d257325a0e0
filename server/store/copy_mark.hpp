#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/core/clock.hpp"

namespace genq::store {

/// What tells a copy of a database from the database: a fact that `genqd backup` writes into the copy (DESIGN.md,
/// "Backups").
struct CopyMark {
    std::int64_t last_row = 0;  // the newest job in it; what comes after was accepted by the copy's own daemon
    WallTime at{};              // when it was made
};

/// The fact of a copy that no daemon was started on, and that a later backup may so replace.
inline constexpr std::string_view copied_fact = "copied";
/// The fact of a copy that a daemon was started on and that nobody has released since.
inline constexpr std::string_view restored_fact = "restored";

/// The fact's text.
[[nodiscard]] std::string to_text(const CopyMark& mark);
/// nullopt: no text of to_text().
[[nodiscard]] std::optional<CopyMark> copy_mark_from(const std::string& text);

}  // namespace genq::store
