#pragma once
#include <boost/asio/awaitable.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "common/async/signal.hpp"
#include "common/async/task_group.hpp"
#include "common/core/clock.hpp"
#include "common/core/random.hpp"
#include "common/http/transport.hpp"
#include "common/log/log.hpp"
#include "common/metrics/registry.hpp"
#include "server/store/job_store.hpp"
#include "server/webhooks/places.hpp"
#include "server/webhooks/secrets.hpp"

namespace genq::webhooks {

/// What the sender works with; all of it outlives the sender.
struct Ports {
    store::JobStore& store;
    http::Transport& transport;  ///< decides which addresses may be connected to
    Clock& clock;
    Random& random;
    log::Logger& log;
    metrics::Registry& metrics;
    async::Signal& changed;  ///< notified when something may have become due; on the sender's strand
    std::function<std::shared_ptr<const Secrets>()> secrets;
};

/// Sends the deliveries that the store says are due (DESIGN.md, "Webhooks"): several at once, but few to one host, so
/// that a receiver that does not answer delays no other. What is due stands in the store: a crash between a try and its
/// note repeats the try, under the same webhook-id.
class Sender {
  public:
    explicit Sender(Ports ports);
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;

    /// Until it is cancelled. On a strand; once.
    [[nodiscard]] boost::asio::awaitable<void> run();

    /// Begins no more tries, and returns when those under way have ended, or at `until`. On the same strand.
    [[nodiscard]] boost::asio::awaitable<void> drain(SteadyTime until);

  private:
    /// Starts the tries that are due, and returns when to look again.
    [[nodiscard]] boost::asio::awaitable<SteadyTime> start_due(async::TaskGroup& tries);
    [[nodiscard]] boost::asio::awaitable<void> deliver(store::DueDelivery due);
    [[nodiscard]] boost::asio::awaitable<store::DeliveryTry> send(const store::DueDelivery& due);

    Ports ports_;
    metrics::Counter& delivered_;
    metrics::Counter& retried_;
    metrics::Counter& failed_;
    std::set<store::DeliveryKey> under_way_;
    Places places_;  // of these
    std::string last_receiver_;
    std::exception_ptr thrown_;
    std::unique_ptr<async::Signal> try_ended_;  // once it drains
};

}  // namespace genq::webhooks
