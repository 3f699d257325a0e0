#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <deque>
#include <string>
#include <vector>

#include "common/async/signal.hpp"
#include "common/core/clock.hpp"
#include "common/core/random.hpp"
#include "common/http/transport.hpp"
#include "common/log/log.hpp"
#include "common/metrics/registry.hpp"
#include "server/store/job_store.hpp"
#include "server/tracing/otlp.hpp"

namespace genq::tracing {

/// What the exporter works with; all of it outlives the exporter.
struct Ports {
    store::JobStore& store;
    http::Transport& transport;
    Clock& clock;
    Random& random;
    log::Logger& log;
    metrics::Registry& metrics;
};

struct ExporterOptions {
    std::string url;         ///< of the collector; /v1/traces is added
    http::Fields headers{};  ///< sent with each request; never logged
    Resource resource;
};

/// Tells an OpenTelemetry collector of each job that has ended (DESIGN.md, "Traces"), as well as it can: what it can't
/// deliver is dropped and counted. It reads the store's events by itself, so nobody has to tell it of anything. All of
/// it on one strand.
class Exporter {
  public:
    Exporter(const boost::asio::any_io_executor& strand, Ports ports, ExporterOptions options);
    Exporter(const Exporter&) = delete;
    Exporter& operator=(const Exporter&) = delete;

    /// What ends from now on is exported. Once, before the other two. Errors are the store's.
    [[nodiscard]] boost::asio::awaitable<Result<void>> begin();
    /// Makes traces of what has ended, until it is cancelled or drained.
    [[nodiscard]] boost::asio::awaitable<void> read();
    /// Sends them, until it is cancelled or all is sent after drain().
    [[nodiscard]] boost::asio::awaitable<void> send();

    /// Nothing ends any more: sends what there is, each batch tried once, at most until then. What is left is dropped.
    [[nodiscard]] boost::asio::awaitable<void> drain(SteadyTime until);

  private:
    struct Queued {
        Spans spans;
        SteadyTime since{};
    };
    [[nodiscard]] boost::asio::awaitable<void> read_new();
    [[nodiscard]] boost::asio::awaitable<void> read_end(const JobEvent& end);
    void queue(Spans spans);
    /// The next batch, once it is large or old enough; empty: there will be none.
    [[nodiscard]] boost::asio::awaitable<std::vector<Spans>> next_batch();
    [[nodiscard]] boost::asio::awaitable<void> deliver(std::vector<Spans> batch);
    [[nodiscard]] boost::asio::awaitable<http::Exchange> post(const std::string& body);
    void fails(const http::Exchange& exchange);
    void give_up(std::size_t traces);

    Ports ports_;
    const ExporterOptions options_;
    metrics::Counter& exported_;
    metrics::Counter& dropped_;
    async::Signal for_reader_;  ///< there is room, or it is to end
    async::Signal for_sender_;  ///< there is more to send, or it is to end
    async::Signal sent_all_;
    std::deque<Queued> queue_;
    std::size_t queued_spans_ = 0;
    std::int64_t seen_ = 0;    ///< events up to this one were read
    std::size_t in_hand_ = 0;  ///< traces of the batch that is being sent
    SteadyTime not_before_{};  ///< no request sooner
    bool read_all_ = false;
    bool failing_ = false;  ///< the collector did not take what was sent last
    bool draining_ = false;
};

}  // namespace genq::tracing
