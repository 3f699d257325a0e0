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
      database_(state_dir + "/genqd.db"),
      dir_(std::move(state_dir) + "/blobs"),
      pool_(pool),
      clock_(clock),
      log_(log),
      checked_(metrics.counter("genqd_blobs_checked_total", "Stored blobs that were read and hashed again")),
      damaged_(metrics.counter("genqd_blobs_damaged_total", "Stored blobs that were found damaged, and put aside")),
      database_damaged_(
          metrics.counter("genqd_database_damaged_total", "Looks that found a table of the database damaged")) {}

void Scrubber::stop() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (running_) running_->interrupt();
}

api::Integrity Scrubber::found() const {
    return {.database_damaged = bad_database_, .blobs_damaged = static_cast<std::int64_t>(blobs_.damaged())};
}

asio::awaitable<void> Scrubber::run() {
    for (;;) {
        (void)co_await blobs_.recount_damaged();
        const auto found = co_await pool_.run([this] { return blobs::survey(dir_); });
        if (!found) log_.error("the blobs can't be looked through", {{"error", found.error().detail}});
        if (found) {
            for (const Digest& digest : found->digests) co_await look_at(digest);
        }
        co_await look_at_database();
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

std::shared_ptr<store::TableCheck> Scrubber::begin_database() {
    auto opened = store::TableCheck::open(database_);
    if (!opened) {
        log_.error("the database can't be looked through", {{"error", opened.error().detail}});
        return nullptr;
    }
    const std::lock_guard lock(mutex_);
    if (stopping_) return nullptr;
    running_ = std::move(*opened);
    return running_;
}

asio::awaitable<void> Scrubber::look_at_database() {
    const auto check = co_await pool_.run([this] { return begin_database(); });
    if (!check) co_return;
    bool damaged = false;
    bool looked_at_all = true;
    const auto report = [&](const std::string& table, const std::string& fault) {
        damaged = true;
        bad_database_ = true;
        database_damaged_.Increment();
        log_.error("the database is damaged: stop the daemon and put a backup in its place",
                   {{"table", table}, {"fault", fault}, {"file", database_}});
    };
    const auto tables = co_await pool_.run([check] { return check->tables(); });
    if (!tables) report("", tables.error().detail);
    for (const std::string& table : tables.value_or(std::vector<std::string>{})) {
        const SteadyTime begun = clock_.now();
        const auto faults = co_await pool_.run([check, table] { return check->check(table); });
        if (!faults) looked_at_all = false;
        if (!faults && faults.error().code == errc::canceled) break;
        if (!faults) {
            log_.error("a table can't be looked through", {{"table", table}, {"error", faults.error().detail}});
        } else if (!faults->empty()) {
            report(table, faults->front());
        }
        // A tenth of the time, so that nobody else notices.
        co_await clock_.sleep_until(clock_.now() + least_pause + 9 * (clock_.now() - begun));
    }
    if (!damaged && looked_at_all) bad_database_ = false;
    const std::lock_guard lock(mutex_);
    running_.reset();
}

}  // namespace genq::app
