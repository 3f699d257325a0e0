#pragma once
#include <boost/asio/awaitable.hpp>

#include "server/engine/core.hpp"
#include "server/engine/downloader.hpp"
#include "server/engine/poller.hpp"
#include "server/engine/submitter.hpp"

namespace genq::engine {

/// Takes up what an earlier process left, from the store alone: tasks are watched again, downloads go on, creates whose
/// answer died with the process are settled, holds hold, and the limiter starts empty for as long as the last requests
/// of that process may still count (DESIGN.md, "Recovery"). Engine strand, before the dispatcher runs.
[[nodiscard]] boost::asio::awaitable<Result<void>> recover(Core& core, Submitter& submitter, Poller& poller,
                                                           Downloader& downloader);

}  // namespace genq::engine
