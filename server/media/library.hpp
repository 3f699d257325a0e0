#pragma once
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <string>

#include "common/async/worker_pool.hpp"
#include "common/core/clock.hpp"
#include "server/blobs/blob_store.hpp"
#include "server/domain/job.hpp"
#include "server/media/confined.hpp"
#include "server/media/thumbnails.hpp"
#include "server/media/tools.hpp"

namespace genq::media {

/// Looks into stored bytes with FFmpeg's programs, one at a time on a thread of its own. Works without them too, and
/// says then what is missing (DESIGN.md, "Media facts"). Any strand.
class Library final : public Thumbnails {
  public:
    /// `cache_dir` is `<state>/blobs/thumbnails`; it is made when the first picture is.
    Library(blobs::BlobStore& blobs, std::string cache_dir, Clock& clock);

    /// Looks for the programs in `path` (as PATH has it); without start() there are none. Errors as find_tools().
    [[nodiscard]] boost::asio::awaitable<Result<void>> start(std::string path);
    /// errc::unsupported: nothing can be said of that type, or the tools are missing; malformed, timeout, too_large: of
    /// these bytes nothing can be said; not_found, corrupt: as BlobStore::open() has them; canceled; io.
    [[nodiscard]] boost::asio::awaitable<Result<MediaFacts>> facts(Digest digest, std::string media_type);
    [[nodiscard]] boost::asio::awaitable<Result<std::string>> thumbnail(Digest digest, std::string media_type,
                                                                        int width) override;
    /// Removes pictures made longer ago than `age`, and those whose blob is gone.
    [[nodiscard]] boost::asio::awaitable<Result<void>> sweep(std::chrono::hours age);
    /// What runs is ended, and nothing is run any more.
    void stop() { confined_.stop(); }

  private:
    [[nodiscard]] Result<std::string> cached_or_made(const Digest& digest, int file, const std::string& media_type,
                                                     int width);

    blobs::BlobStore& blobs_;
    const std::string cache_dir_;
    Clock& clock_;
    Confined confined_;
    std::atomic<int> waiting_{0};  // for thumbnails
    // On the worker's thread only.
    Result<Tools> tools_ = fail(errc::unsupported, "media.tools is off in the daemon's configuration");
    async::WorkerPool worker_{1};
};

}  // namespace genq::media
