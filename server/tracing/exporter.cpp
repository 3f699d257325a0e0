#include "server/tracing/exporter.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "server/polling/schedule.hpp"
#include "server/tracing/job_trace.hpp"

namespace genq::tracing {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr auto look_every = 1s;
constexpr int events_at_once = 100;  // what JobStore::events_after() reads beside long reads
constexpr std::size_t batch_spans = 512;
constexpr auto batch_wait = 5s;
constexpr std::size_t most_spans = 4'096;  // about 4 MB
constexpr auto answer_within = 10s;
constexpr auto first_backoff = 1s;
constexpr auto longest_backoff = 30s;
constexpr auto keep_trying = 5min;

std::string traces_url(std::string url) {
    while (url.ends_with('/')) url.pop_back();
    return url + "/v1/traces";
}

}  // namespace

Exporter::Exporter(const asio::any_io_executor& strand, Ports ports, ExporterOptions options)
    : ports_(ports),
      options_(std::move(options)),
      exported_(ports_.metrics.counter("genqd_traces_exported_total", "Jobs whose traces the collector took")),
      dropped_(ports_.metrics.counter("genqd_traces_dropped_total", "Jobs whose traces were given up")),
      for_reader_(strand, ports_.clock),
      for_sender_(strand, ports_.clock),
      sent_all_(strand, ports_.clock) {}

asio::awaitable<Result<void>> Exporter::begin() {
    const auto page = co_await ports_.store.events_after(std::numeric_limits<std::int64_t>::max(), std::nullopt, 1);
    if (!page) co_return std::unexpected(page.error());
    seen_ = page->newest;
    co_return Result<void>{};
}

asio::awaitable<void> Exporter::read() {
    while (!draining_) {
        co_await read_new();
        if (!draining_) (void)co_await for_reader_.wait_until(ports_.clock.now() + look_every);
    }
    co_await read_new();
    read_all_ = true;
    for_sender_.notify();
}

asio::awaitable<void> Exporter::read_new() {
    for (;;) {
        const auto page = co_await ports_.store.events_after(seen_, std::nullopt, events_at_once);
        if (!page) {
            ports_.log.error("events can't be read for their traces", {{"error", page.error().detail}});
            co_return;
        }
        for (const auto& one : page->events) {
            const auto status = job_status_from(one.event.name);
            if (status && is_terminal(*status)) co_await read_end(one.event);
            seen_ = one.event.id;
        }
        if (page->events.size() < static_cast<std::size_t>(events_at_once)) co_return;
    }
}

asio::awaitable<void> Exporter::read_end(const JobEvent& end) {
    // Many jobs that end at once wait in the table; only a collector that does not take them has them dropped.
    while (queued_spans_ >= batch_spans && !failing_ && !draining_) {
        (void)co_await for_reader_.wait_until(ports_.clock.now() + look_every);
    }
    const auto job = co_await ports_.store.get(end.job);
    if (!job && job.error().code == errc::not_found) co_return;  // deleted since
    const auto history = job ? co_await ports_.store.events(end.job) : std::unexpected(job.error());
    if (!history) {
        dropped_.Increment();
        ports_.log.error("a job can't be read for its trace",
                         {{"job", end.job.text()}, {"error", history.error().detail}});
        co_return;
    }
    std::vector<Awaited> awaited;
    for (const JobId& id : job->depends_on) {
        if (const auto other = co_await ports_.store.get(id)) awaited.push_back({id, other->traceparent});
    }
    if (auto spans = job_trace(*job, *history, end.id, awaited); !spans.empty()) queue(std::move(spans));
}

void Exporter::queue(Spans spans) {
    queued_spans_ += spans.size();
    queue_.push_back({std::move(spans), ports_.clock.now()});
    while (queued_spans_ > most_spans) {
        queued_spans_ -= queue_.front().spans.size();
        queue_.pop_front();
        dropped_.Increment();
    }
    for_sender_.notify();
}

asio::awaitable<void> Exporter::send() {
    for (;;) {
        auto batch = co_await next_batch();
        if (batch.empty()) break;
        co_await deliver(std::move(batch));
        for_reader_.notify();
    }
    sent_all_.notify();
}

asio::awaitable<std::vector<Spans>> Exporter::next_batch() {
    while (!(draining_ && (read_all_ || !queue_.empty()))) {
        const bool full = queued_spans_ >= batch_spans;
        const SteadyTime due = queue_.empty() ? SteadyTime::max() : queue_.front().since + batch_wait;
        if (full || due <= ports_.clock.now()) break;
        (void)co_await for_sender_.wait_until(due);
    }
    std::vector<Spans> batch;
    for (std::size_t spans = 0; !queue_.empty(); queue_.pop_front()) {
        spans += queue_.front().spans.size();
        if (!batch.empty() && spans > batch_spans) break;
        queued_spans_ -= queue_.front().spans.size();
        batch.push_back(std::move(queue_.front().spans));
    }
    co_return batch;
}

asio::awaitable<void> Exporter::deliver(std::vector<Spans> batch) {
    const std::string body = encode(batch, options_.resource);
    const SteadyTime last_try = ports_.clock.now() + keep_trying;
    in_hand_ = batch.size();
    for (int tries = 0;; ++tries) {
        while (!draining_ && ports_.clock.now() < not_before_) (void)co_await for_sender_.wait_until(not_before_);
        const auto exchange = co_await post(body);
        const Verdict verdict = judge(exchange);
        if (verdict.kind == Verdict::Kind::taken) {
            exported_.Increment(static_cast<double>(batch.size()));
            if (failing_) ports_.log.info("the collector takes traces again");
            failing_ = false;
            in_hand_ = 0;
            if (verdict.rejected > 0) {
                ports_.log.warn("the collector refused some spans of a batch", {{"spans", verdict.rejected}});
            }
            co_return;
        }
        if (!failing_) fails(exchange);
        if (verdict.kind == Verdict::Kind::refused) break;
        const auto backoff = polling::full_jitter(first_backoff, longest_backoff, tries, ports_.random);
        const std::chrono::milliseconds told = verdict.retry_after.value_or(0s);
        not_before_ = ports_.clock.now() + std::max(backoff, told);
        if (draining_ || not_before_ > last_try) break;
    }
    give_up(std::exchange(in_hand_, 0));
}

asio::awaitable<http::Exchange> Exporter::post(const std::string& body) {
    http::ClientRequest request{
        .method = "POST", .url = traces_url(options_.url), .headers = options_.headers, .body = body};
    request.headers.set("Content-Type", "application/json");
    co_return co_await ports_.transport.send(std::move(request), ports_.clock.now() + answer_within);
}

void Exporter::fails(const http::Exchange& exchange) {
    failing_ = true;
    ports_.log.warn("the collector does not take traces",
                    {{"status", exchange.answer ? exchange.answer->status : 0},
                     {"error", exchange.answer ? std::string_view() : to_string(exchange.answer.error().code)}});
    for_reader_.notify();
}

asio::awaitable<void> Exporter::drain(SteadyTime until) {
    draining_ = true;
    for_reader_.notify();
    for_sender_.notify();
    (void)co_await sent_all_.wait_until(until);
    give_up(queue_.size() + std::exchange(in_hand_, 0));
}

void Exporter::give_up(std::size_t traces) {
    if (traces == 0) return;
    dropped_.Increment(static_cast<double>(traces));
    ports_.log.warn("traces were given up", {{"jobs", traces}});
}

}  // namespace genq::tracing
