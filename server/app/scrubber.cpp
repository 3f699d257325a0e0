#include "server/app/scrubber.hpp"

#include <filesystem>

#include "server/blobs/folder_files.hpp"

namespace genq::app {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {
constexpr std::chrono::milliseconds least_pause = 50ms;
}

Scrubber::Scrubber(blobs::FolderStore& blobs, std::string state_dir, async::WorkerPool& pool, Clock& clock,
                   log::Logger& log, metrics::Registry& metrics)
    : blobs_(blobs),
      dir_(std::move(state_dir) + "/blobs"),
      pool_(pool),
      clock_(clock),
      log_(log),
      checked_(metrics.counter("genqd_blobs_checked_total", "Stored blobs that were read and hashed again")),
      damaged_(metrics.counter("genqd_blobs_damaged_total", "Stored blobs that were found damaged, and put aside")) {}

asio::awaitable<void> Scrubber::run() {
    for (;;) {
        const auto found = co_await pool_.run([this] { return blobs::survey(dir_); });
        if (!found) log_.error("the blobs can't be looked through", {{"error", found.error().detail}});
        if (found) {
            for (const Digest& digest : found->digests) co_await look_at(digest);
        }
        co_await clock_.sleep_until(clock_.now() + between_rounds);
    }
}

asio::awaitable<void> Scrubber::look_at(Digest digest) {
    const auto bytes = co_await pool_.run([this, digest]() -> Result<std::int64_t> {
        std::error_code error;
        const auto size = std::filesystem::file_size(blobs::blob_path(dir_, digest), error);
        return error ? 0 : static_cast<std::int64_t>(size);
    });
    const auto whole = co_await blobs_.check(digest);
    if (!whole && whole.error().code == errc::not_found) co_return;  // deleted meanwhile
    checked_.Increment();
    if (!whole) {
        log_.error("a blob can't be read", {{"sha256", digest.hex()}, {"error", whole.error().detail}});
    } else if (!*whole) {
        damaged_.Increment();
        log_.error("a blob is damaged, and was put aside: restore it from a backup",
                   {{"sha256", digest.hex()}, {"file", blobs::damaged_path(dir_, digest)}});
    }
    co_await clock_.sleep_until(clock_.now() + least_pause +
                                std::chrono::milliseconds(bytes.value_or(0) * 1000 / bytes_per_second));
}

}  // namespace genq::app
