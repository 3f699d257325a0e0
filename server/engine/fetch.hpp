#pragma once
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <memory>

#include "common/core/clock.hpp"
#include "common/core/random.hpp"
#include "common/http/transport.hpp"
#include "server/blobs/blob_store.hpp"

namespace genq::engine {

/// Downloads one URL into the blob store: streamed, hashed, resumed where the server allows it, committed only when
/// all announced bytes are there. Errors: errc::not_found when the URL is dead (403, 404, 410), storage_full,
/// too_large and forbidden, canceled once `stop` is set, and any transport's error after several tries in a row
/// without a single new byte. Runs on the caller's executor, which is not the engine's strand.
[[nodiscard]] boost::asio::awaitable<Result<blobs::BlobInfo>> fetch(Clock& clock, http::Transport& transport,
                                                                    blobs::BlobStore& blobs,
                                                                    http::DownloadRequest request,
                                                                    std::shared_ptr<std::atomic<bool>> stop);

}  // namespace genq::engine
