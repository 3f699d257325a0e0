#include "server/webhooks/sender.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>

#include "common/core/rfc3339.hpp"
#include "server/domain/job_log.hpp"
#include "server/webhooks/schedule.hpp"

namespace genq::webhooks {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr auto look_every = 1min;  // changes of the store are told, and retries have their time: for steps of the clock
constexpr auto after_trouble = 1s;
constexpr auto answer_within = 20s;

metrics::Counter& outcome_counter(metrics::Registry& registry, const std::string& outcome) {
    return registry.counter("genqd_webhook_deliveries_total", "Tries at deliveries of webhooks",
                            {{"outcome", outcome}});
}

}  // namespace

Sender::Sender(Ports ports)
    : ports_(std::move(ports)),
      delivered_(outcome_counter(ports_.metrics, "delivered")),
      retried_(outcome_counter(ports_.metrics, "retried")),
      failed_(outcome_counter(ports_.metrics, "failed")) {}

asio::awaitable<void> Sender::run() {
    async::TaskGroup tries(co_await asio::this_coro::executor, [this](const std::string&, std::exception_ptr error) {
        thrown_ = std::move(error);
        ports_.changed.notify();
    });
    std::exception_ptr ended;
    try {
        while (!thrown_) {
            const SteadyTime again = co_await start_due(tries);
            co_await ports_.changed.wait_until(again);
        }
        ended = thrown_;
    } catch (...) {
        ended = std::current_exception();
    }
    // A stop cancels run(): the tries under way are told too, and waited for.
    tries.cancel();
    co_await asio::this_coro::reset_cancellation_state();
    co_await tries.join();
    std::rethrow_exception(ended);
}

asio::awaitable<void> Sender::drain(SteadyTime until) {
    try_ended_ = std::make_unique<async::Signal>(co_await asio::this_coro::executor, ports_.clock);
    while (!under_way_.empty() && ports_.clock.now() < until) co_await try_ended_->wait_until(until);
}

asio::awaitable<SteadyTime> Sender::start_due(async::TaskGroup& tries) {
    // Without secrets nothing can be signed: what is due waits until there are some again.
    const SteadyTime latest = ports_.clock.now() + look_every;
    if (try_ended_ || ports_.secrets()->empty() || places_.free() == 0) co_return latest;
    auto found = co_await ports_.store.due_deliveries(
        {.now = ports_.clock.wall_now(),
         .after = last_receiver_,
         .under_way = under_way_,
         .admit = [places = places_](const std::string& to) mutable { return places.take(to); },
         .limit = places_.free()});
    if (!found) {
        ports_.log.error("webhooks that are due can't be read", {{"error", found.error().detail}});
        co_return ports_.clock.now() + after_trouble;
    }
    for (auto& one : found->due) {
        // Since it was asked a try may have ended and another one have begun.
        if (try_ended_ || under_way_.contains(one.key()) || places_.take(one.receiver) != store::Room::taken) {
            continue;
        }
        under_way_.insert(one.key());
        last_receiver_ = one.receiver;
        tries.spawn("webhook", deliver(std::move(one)));
    }
    if (!found->next_at) co_return latest;
    co_return std::min(latest, ports_.clock.now() + (*found->next_at - ports_.clock.wall_now()));
}

asio::awaitable<void> Sender::deliver(store::DueDelivery due) {
    const auto key = due.key();
    const std::string receiver = due.receiver;
    const log::Subject subject = about(due.job, "", due.traceparent);
    const int tries = due.tries + 1;
    auto how = co_await send(due);
    const auto follows = after(how, tries);
    std::optional<WallTime> next;
    if (follows == store::AfterTry::again) {
        next = ports_.clock.wall_now() + jittered(*pause_after(tries), ports_.random);
    }
    const bool answered = how.status.has_value();
    const bool taken = follows == store::AfterTry::delivered;
    (taken ? delivered_ : next ? retried_ : failed_).Increment();
    if (!taken) {
        const std::initializer_list<log::Field> fields{
            {"delivery", due.n},
            {"host", std::string_view(receiver).substr(0, receiver.find('/'))},
            {"try", tries},
            {"status", how.status.value_or(0)},
            log::if_known("error", how.error)};
        next ? ports_.log.info("a webhook was not taken", subject, fields)
             : ports_.log.warn("a webhook was given up", subject, fields);
    }
    const auto noted = co_await ports_.store.record_delivery(std::move(due), std::move(how), follows, next);
    if (!noted) {
        // It is due still, and is made once more; not at once, since the store is in trouble.
        ports_.log.error("a webhook's delivery can't be noted down", subject, {{"error", noted.error().detail}});
        co_await ports_.clock.sleep_until(ports_.clock.now() + after_trouble);
    }
    under_way_.erase(key);
    places_.give_back(receiver, answered);
    ports_.changed.notify();
    if (try_ended_) try_ended_->notify();
}

asio::awaitable<store::DeliveryTry> Sender::send(const store::DueDelivery& due) {
    const SteadyTime started = ports_.clock.now();
    store::DeliveryTry how{.at = ports_.clock.wall_now()};
    const auto timestamp = to_ms(how.at) / 1000;
    http::ClientRequest request{
        .method = "POST",
        .url = due.url,
        .headers = {{"Content-Type", "application/json"},
                    {"webhook-id", due.webhook_id},
                    {"webhook-timestamp", std::to_string(timestamp)},
                    {"webhook-signature", sign(*ports_.secrets(), due.webhook_id, timestamp, due.body)}},
        .body = due.body};
    // As they came, or the job's own (DESIGN.md, "Traces").
    if (!due.traceparent.empty()) request.headers.add("traceparent", due.traceparent);
    if (!due.tracestate.empty()) request.headers.add("tracestate", due.tracestate);
    const auto exchange = co_await ports_.transport.send(std::move(request), started + answer_within);
    how.duration = std::chrono::duration_cast<std::chrono::milliseconds>(ports_.clock.now() - started);
    if (exchange.answer) {
        how.status = exchange.answer->status;
    } else {
        const auto& error = exchange.answer.error();
        how.error = error.detail.empty() ? std::string(to_string(error.code)) : error.detail;
    }
    co_return how;
}

}  // namespace genq::webhooks
