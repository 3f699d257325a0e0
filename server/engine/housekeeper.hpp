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
    /// After the start: creates that waited for it come first.
    static constexpr std::chrono::seconds first_balance_look{60};
    static constexpr std::chrono::seconds balance_look_every{300};

    Housekeeper(Core& core, Submitter& submitter, Poller& poller, Downloader& downloader)
        : core_(core),
          submitter_(submitter),
          poller_(poller),
          downloader_(downloader),
          balance_look_at_(core.begun + first_balance_look) {}

    /// Does what is due now.
    [[nodiscard]] boost::asio::awaitable<void> run();
    /// When run() has something to do next.
    [[nodiscard]] SteadyTime next() const;
    /// Asks kie.ai for the balance; feeds holds and breaker with the answer.
    [[nodiscard]] boost::asio::awaitable<Result<double>> ask_credits();
    /// When nobody's question but the metrics' is due: a while after the start, and then every few minutes in which
    /// there were creates or ends. Nullopt while nothing has changed, and while probes ask anyway.
    [[nodiscard]] std::optional<SteadyTime> balance_due() const;
    /// It has waited so long for a token that nobody needs that its turn has come.
    [[nodiscard]] bool balance_overdue(SteadyTime now) const;
    /// Asks for it with a token that the caller took.
    void look_at_balance();

  private:
    [[nodiscard]] boost::asio::awaitable<void> store_work();
    [[nodiscard]] boost::asio::awaitable<void> settle_due();
    [[nodiscard]] boost::asio::awaitable<void> lift_holds();
    [[nodiscard]] boost::asio::awaitable<void> look_at_disk();
    [[nodiscard]] boost::asio::awaitable<void> probe();
    [[nodiscard]] boost::asio::awaitable<void> balance_look();
    [[nodiscard]] boost::asio::awaitable<Result<double>> take_credits(http::Exchange exchange);
    [[nodiscard]] bool account_in_trouble() const;
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
    SteadyTime balance_look_at_;
};

}  // namespace genq::engine
