#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "common/http/server.hpp"
#include "common/metrics/registry.hpp"
#include "server/api/event_feed.hpp"

namespace genq::api {

/// Counts of the streams of events. Any thread.
struct StreamMetrics {
    explicit StreamMetrics(metrics::Registry& registry);
    metrics::Gauge& open;
    metrics::Counter& cut_off;
};

/// For the log, when a stream ends.
struct StreamNote {
    std::string request_id{};
    std::string caller{};
    std::string job{};  ///< "" for the stream of all jobs
};

/// The body of an answer of events (DESIGN.md, "Live events"): text that goes on until the job ends, the daemon stops
/// or the client goes. On its connection's strand. What it refers to outlives it.
class EventStream final : public http::LiveBody {
  public:
    /// `reader` has begun, behind event `begins`.
    EventStream(std::unique_ptr<EventFeed::Reader> reader, std::int64_t begins, StreamNote note, StreamMetrics& metrics,
                Clock& clock, log::Logger& log);
    ~EventStream() override;

    [[nodiscard]] boost::asio::awaitable<std::string> next() override;
    void stop() override;
    void broken_off(bool slow) override;

  private:
    const std::unique_ptr<EventFeed::Reader> reader_;
    std::int64_t at_;  // the client knows that it stands behind this event
    const StreamNote note_;
    StreamMetrics& metrics_;
    Clock& clock_;
    log::Logger& log_;
    const SteadyTime begun_;
    const char* why_ = "closed";
    bool opened_ = false;
    bool ended_ = false;
};

}  // namespace genq::api
