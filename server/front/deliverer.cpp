#include "server/front/deliverer.hpp"

#include <array>
#include <boost/asio/this_coro.hpp>

#include "common/async/task_group.hpp"
#include "common/core/rfc3339.hpp"
#include "server/domain/job_log.hpp"
#include "server/front/calls.hpp"

namespace genq::front {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr int at_once = 16;
constexpr auto look_every = 1s;      // an index that is mostly empty: cheap
constexpr auto answer_within = 15s;  // as kie.ai gives its receivers
constexpr std::array<std::chrono::seconds, 3> pauses{10s, 60s, 300s};

}  // namespace

std::optional<std::chrono::seconds> next_try_in(int tries) {
    const auto index = static_cast<std::size_t>(tries - 1);
    return index < pauses.size() ? std::optional(pauses[index]) : std::nullopt;
}

Deliverer::Deliverer(store::JobStore& store, http::Transport& transport, Clock& clock, log::Logger& log,
                     metrics::Registry& metrics, std::function<std::shared_ptr<const api::UrlKeys>()> url_keys,
                     DelivererOptions options)
    : store_(store),
      transport_(transport),
      clock_(clock),
      log_(log),
      delivered_(metrics.counter("genqd_front_calls_total", "Calls of clients' callBackUrls", {{"outcome", "taken"}})),
      failed_(metrics.counter("genqd_front_calls_total", "Calls of clients' callBackUrls", {{"outcome", "failed"}})),
      url_keys_(std::move(url_keys)),
      options_(std::move(options)) {}

asio::awaitable<void> Deliverer::run() {
    for (;;) {
        const auto done = co_await deliver_due();
        if (!done) log_.error("calls that are due can't be read", {{"error", done.error().detail}});
        if (!done || *done < at_once) co_await clock_.sleep_until(clock_.now() + look_every);
    }
}

asio::awaitable<Result<int>> Deliverer::deliver_due() {
    auto due = co_await store_.due_calls(clock_.wall_now(), at_once);
    if (!due) co_return std::unexpected(due.error());
    std::exception_ptr thrown;
    async::TaskGroup calls(co_await asio::this_coro::executor,
                           [&thrown](const std::string&, std::exception_ptr error) { thrown = std::move(error); });
    const int count = static_cast<int>(due->size());
    for (auto& call : *due) calls.spawn("front call", deliver(std::move(call)));
    // A stop cancels run(), which waits here: the calls under way are told too, and waited for.
    std::exception_ptr stopped;
    try {
        co_await calls.join();
    } catch (...) {
        stopped = std::current_exception();
    }
    if (stopped) {
        calls.cancel();
        co_await asio::this_coro::reset_cancellation_state();
        co_await calls.join();
        std::rethrow_exception(stopped);
    }
    if (thrown) std::rethrow_exception(thrown);
    co_return count;
}

asio::awaitable<void> Deliverer::deliver(store::DueCall call) {
    const bool taken = co_await send(call);
    (taken ? delivered_ : failed_).Increment();
    const auto pause = taken ? std::nullopt : next_try_in(call.tries + 1);
    const log::Subject subject = about(call.job);
    if (!taken && !pause) log_.warn("a callBackUrl was given up", subject, {{"tries", call.tries + 1}});
    std::optional<WallTime> next;
    if (pause) next = clock_.wall_now() + *pause;
    if (const auto noted = co_await store_.record_call(std::move(call), next); !noted) {
        // It is due still, and is made once more.
        log_.error("a call can't be noted down", subject, {{"error", noted.error().detail}});
    }
}

asio::awaitable<bool> Deliverer::send(const store::DueCall& call) {
    const auto keys = url_keys_();
    const WallTime now = clock_.wall_now();
    const api::UrlSigner signer{*keys, call.call.base, now + options_.url_ttl};
    const Task task{call.job, signer};
    http::ClientRequest request{.method = "POST",
                                .url = call.call.url,
                                .headers = {{"Content-Type", "application/json"}},
                                .body = call_body(task)};
    if (!options_.hmac_key.empty()) {
        const auto timestamp = std::to_string(to_ms(now) / 1000);
        request.headers.add("X-Webhook-Timestamp", timestamp);
        request.headers.add("X-Webhook-Signature", call_signature(options_.hmac_key, task.id(), timestamp));
    }
    if (!call.job.traceparent.empty()) request.headers.add("traceparent", call.job.traceparent);
    if (!call.job.tracestate.empty()) request.headers.add("tracestate", call.job.tracestate);
    const auto exchange = co_await transport_.send(std::move(request), clock_.now() + answer_within);
    if (!exchange.answer) {
        log_.info("a callBackUrl did not answer", about(call.job),
                  {{"try", call.tries + 1}, {"error", to_string(exchange.answer.error().code)}});
        co_return false;
    }
    const int status = exchange.answer->status;
    if (status >= 200 && status < 300) co_return true;
    log_.info("a callBackUrl did not take the call", about(call.job), {{"try", call.tries + 1}, {"status", status}});
    co_return false;
}

}  // namespace genq::front
