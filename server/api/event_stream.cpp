#include "server/api/event_stream.hpp"

#include "server/api/event_text.hpp"

namespace genq::api {

namespace asio = boost::asio;

StreamMetrics::StreamMetrics(metrics::Registry& registry)
    : open(registry.gauge("genqd_event_streams", "Streams of events that are open")),
      cut_off(registry.counter("genqd_event_streams_cut_off_total",
                               "Streams of events ended because their readers were too slow")) {}

EventStream::EventStream(std::unique_ptr<EventFeed::Reader> reader, std::int64_t begins, StreamNote note,
                         StreamMetrics& metrics, Clock& clock, log::Logger& log)
    : reader_(std::move(reader)),
      at_(begins),
      note_(std::move(note)),
      metrics_(metrics),
      clock_(clock),
      log_(log),
      begun_(clock.now()) {
    metrics_.open.Increment();
}

EventStream::~EventStream() {
    metrics_.open.Decrement();
    const std::chrono::duration<double> lasted = clock_.now() - begun_;
    log_.debug("event stream ended", {{"why", why_},
                                      {"seconds", lasted.count()},
                                      {"last_event_id", at_},
                                      log::if_known("job", note_.job),
                                      {"caller", note_.caller},
                                      {"request_id", note_.request_id}});
}

asio::awaitable<std::string> EventStream::next() {
    // A job's stream is told by its events where it is. One of all jobs may wait long for one that it wants, and what
    // went by meanwhile need not be looked at again when it comes back.
    const bool of_all = note_.job.empty();
    if (ended_) co_return "";
    if (!opened_) {
        opened_ = true;
        co_return comment_text(of_all ? std::optional(at_) : std::nullopt);
    }
    auto batch = co_await reader_->next();
    if (!batch) {
        ended_ = true;
        why_ = batch.error().code == errc::canceled ? "stopped" : "failed";
        if (batch.error().code == errc::not_found) why_ = "job deleted";
        co_return "";
    }
    ended_ = batch->ended;
    if (ended_) why_ = "job ended";
    std::string text;
    if (batch->missed) text = reset_text(at_);
    if (text.empty() && batch->text.empty() && !ended_) {
        text = comment_text(of_all && batch->up_to != at_ ? std::optional(batch->up_to) : std::nullopt);
    }
    at_ = batch->up_to;
    if (text.empty()) co_return std::move(batch->text);
    co_return text + batch->text;
}

void EventStream::stop() {
    reader_->stop();
}

void EventStream::broken_off(bool slow) {
    why_ = slow ? "too slow" : "client gone";
    if (slow) metrics_.cut_off.Increment();
}

}  // namespace genq::api
