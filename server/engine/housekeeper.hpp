#pragma once
#include <boost/asio/awaitable.hpp>
#include <optional>
#include <set>

#include "server/engine/core.hpp"
#include "server/engine/downloader.hpp"
#include "server/engine/poller.hpp"
#include "server/engine/submitter.hpp"

namespace genq::engine {

/// What has to happen at its time without anybody asking: waiting jobs become ready, deadlines pass, holds are lifted
/// or probed, the disk is looked at. Engine strand.
class Housekeeper {
  public:
    Housekeeper(Core& core, Submitter& submitter, Poller& poller, Downloader& downloader)
        : core_(core), submitter_(submitter), poller_(poller), downloader_(downloader) {}

    /// Does what is due now.
    [[nodiscard]] boost::asio::awaitable<void> run();
    /// When run() has something to do next.
    [[nodiscard]] SteadyTime next() const;
    /// Asks kie.ai for the balance; feeds holds and breaker with the answer.
    [[nodiscard]] boost::asio::awaitable<Result<double>> ask_credits();

  private:
    [[nodiscard]] boost::asio::awaitable<void> store_work();
    [[nodiscard]] boost::asio::awaitable<void> settle_due();
    [[nodiscard]] boost::asio::awaitable<void> lift_holds();
    [[nodiscard]] boost::asio::awaitable<void> look_at_disk();
    [[nodiscard]] boost::asio::awaitable<void> probe();
    [[nodiscard]] std::optional<SteadyTime> probe_at() const;

    Core& core_;
    Submitter& submitter_;
    Poller& poller_;
    Downloader& downloader_;
    SteadyTime store_looked_at_{};
    std::optional<SteadyTime> store_due_;
    SteadyTime disk_look_at_{};
    bool probing_ = false;
    SteadyTime account_probe_at_{};
};

}  // namespace genq::engine
