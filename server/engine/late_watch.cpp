#include "server/engine/late_watch.hpp"

#include "server/engine/callback_plan.hpp"

namespace genq::engine {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using upstream::TaskState;

namespace {
constexpr auto watched_for = 24h;  // after that a result is rather unlikely, and its files are soon gone (14 days)
}

asio::awaitable<void> LateWatch::refresh() {
    if (!core_.late_dirty || looking_) co_return;
    core_.late_dirty = false;
    const auto first = co_await core_.ports.store.late_first();
    due_.reset();
    if (!first) {
        core_.ports.log.error("the store could not be read", {{"error", first.error().detail}});
    } else if (*first) {
        due_ = core_.steady((*first)->at);
    }
}

std::optional<SteadyTime> LateWatch::next_due() const {
    return looking_ ? std::nullopt : due_;
}

asio::awaitable<void> LateWatch::look() {
    auto first = co_await core_.ports.store.late_first();
    if (!first || !*first || core_.steady((*first)->at) > core_.ports.clock.now()) {
        core_.query_tokens().not_sent();  // retried or deleted meanwhile
    } else {
        const JobId id = (*first)->job.id;
        const log::Subject subject = about((*first)->job);
        const auto next = co_await ask(std::move((*first)->job));
        if (auto stored = co_await core_.ports.store.record_late_look(id, next);
            !stored && stored.error().code != errc::conflict && stored.error().code != errc::not_found) {
            core_.ports.log.error("a late look could not be stored", subject, {{"error", stored.error().detail}});
        }
    }
    looking_ = false;
    core_.late_dirty = true;
    core_.signal.notify();
}

asio::awaitable<std::optional<WallTime>> LateWatch::ask(Job job) {
    const upstream::FamilyAdapter& adapter = upstream::adapter(job.family);
    const std::string endpoint = job.endpoint.empty() ? core_.endpoint(adapter, job.model) : job.endpoint;
    const auto spec = Core::spec(job, "");
    const http::Exchange exchange =
        co_await core_.ports.transport.send(core_.api_request(adapter.query(spec, endpoint)), core_.request_deadline());
    core_.settle_token(core_.query_tokens(), exchange);
    const auto outcome = upstream::classify_query(exchange, true);
    core_.metrics.request(job.family, "query", to_string(outcome.verdict));
    if (outcome.verdict == upstream::QueryVerdict::rate_limited) {
        core_.rate_limited(core_.query_tokens(), outcome.retry_after);
    }
    if (outcome.verdict == upstream::QueryVerdict::answered) {
        auto report = adapter.read(spec, *outcome.envelope);
        if (report.state == TaskState::failed) co_return std::nullopt;
        if (is_end(report)) {
            co_await reviver_.revive(std::move(job), std::move(report));
            co_return std::nullopt;
        }
    }
    const WallTime next = core_.wall_in(late_look_every);
    if (job.finished_at && next - *job.finished_at > watched_for) co_return std::nullopt;
    co_return next;
}

}  // namespace genq::engine
