#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/core/clock.hpp"
#include "common/http/transport.hpp"
#include "common/log/log.hpp"
#include "common/metrics/registry.hpp"
#include "server/api/signed_url.hpp"
#include "server/store/job_store.hpp"

namespace genq::front {

struct DelivererOptions {
    std::string hmac_key{};  ///< `front.hmac_key`; "" for unsigned calls
    std::chrono::seconds url_ttl{86'400};
};

/// When a call is tried again that `tries` tries did not bring home; nullopt: never. kie.ai gives up after three
/// repetitions.
[[nodiscard]] std::optional<std::chrono::seconds> next_try_in(int tries);

/// Calls the callBackUrls of jobs that came in kie.ai's own way, once they have ended. What is due stands in the store,
/// in the transaction that ends the job; a crash between a call and its note repeats the call, which kie.ai's own
/// receivers have to bear too.
class Deliverer {
  public:
    /// `transport` decides which addresses may be connected to. All of it outlives the deliverer.
    Deliverer(store::JobStore& store, http::Transport& transport, Clock& clock, log::Logger& log,
              metrics::Registry& metrics, std::function<std::shared_ptr<const api::UrlKeys>()> url_keys,
              DelivererOptions options);

    /// Until it is cancelled. On a strand.
    [[nodiscard]] boost::asio::awaitable<void> run();

    /// Makes the calls that are due, several at once, and returns how many there were.
    [[nodiscard]] boost::asio::awaitable<Result<int>> deliver_due();

  private:
    [[nodiscard]] boost::asio::awaitable<void> deliver(store::DueCall call);
    [[nodiscard]] boost::asio::awaitable<bool> send(const store::DueCall& call);

    store::JobStore& store_;
    http::Transport& transport_;
    Clock& clock_;
    log::Logger& log_;
    metrics::Counter& delivered_;
    metrics::Counter& failed_;
    const std::function<std::shared_ptr<const api::UrlKeys>()> url_keys_;
    const DelivererOptions options_;
};

}  // namespace genq::front
