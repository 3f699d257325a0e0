#pragma once
#include <boost/asio/awaitable.hpp>
#include <string_view>

#include "server/engine/core.hpp"

namespace genq::engine {

/// What an operator is told who would lift or replace the hold of a restored state.
inline constexpr std::string_view waits_for_release =
    "this state was restored from a backup: `genqd resume --restored` submits what was queued in it, "
    "`genqd resume --restored --fail-queued` ends it as submit_unknown";

/// Puts the hold on, when the store is a copy that a backup made and that nobody has released since (DESIGN.md,
/// "Backups"). Engine strand, before the dispatcher runs. errc::corrupt: the copy's mark can't be read.
[[nodiscard]] boost::asio::awaitable<Result<void>> hold_restored(Core& core);

/// Takes the hold and the mark away, durably; with `fail_queued` ends first what was queued or submitting in the
/// backup. Cut off anywhere it can be repeated: the mark goes last. Engine strand.
[[nodiscard]] boost::asio::awaitable<Result<void>> release_restored(Core& core, bool fail_queued);

}  // namespace genq::engine
