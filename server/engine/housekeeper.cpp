#include "server/engine/housekeeper.hpp"

#include "server/engine/query_token.hpp"

namespace genq::engine {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr auto store_look_every = 20ms;  // at most: under load every accepted job wakes the engine
constexpr auto wall_check_every = 30s;   // times in the store are the wall clock's, which can jump
constexpr auto disk_look_every = 5s;
constexpr auto account_probe_every = 30s;  // of the holds `upstream_auth` and `credits`
constexpr int batch = 500;

upstream::ApiRequest credit_request() {
    upstream::ApiRequest request;
    request.method = "GET";
    request.path = "/api/v1/chat/credit";
    return request;
}

}  // namespace

asio::awaitable<void> Housekeeper::run() {
    co_await store_work();
    co_await settle_due();
    co_await lift_holds();
    co_await look_at_disk();
    const SteadyTime now = core_.ports.clock.now();
    std::erase_if(core_.lingering, [now](const auto& slot) { return slot.second <= now; });
    if (const auto at = probe_at(); at && *at <= now) {
        probing_ = true;
        core_.work.spawn("probe", probe());
    }
}

SteadyTime Housekeeper::next() const {
    SteadyTime next = disk_look_at_;
    const auto sooner = [&next](std::optional<SteadyTime> at) {
        if (at) next = std::min(next, *at);
    };
    if (core_.store_dirty) sooner(store_looked_at_ + store_look_every);
    sooner(store_looked_at_ + wall_check_every);
    if (store_due_) sooner(std::max(*store_due_, store_looked_at_ + store_look_every));
    if (!submitter_.settling.empty()) sooner(submitter_.settling.begin()->first);
    for (const auto& [row, end] : core_.lingering) sooner(end);
    if (const auto until = core_.holds.next_until()) sooner(core_.steady(*until));
    // Once it is past, the next create that is ready is the probe: nothing to wake up for.
    const auto create_probe = core_.holds.create_probe_at();
    if (create_probe && *create_probe > core_.ports.clock.now()) sooner(create_probe);
    sooner(probe_at());
    return next;
}

asio::awaitable<void> Housekeeper::store_work() {
    const SteadyTime now = core_.ports.clock.now();
    const bool due =
        core_.store_dirty || (store_due_ && *store_due_ <= now) || now >= store_looked_at_ + wall_check_every;
    if (!due || now < store_looked_at_ + store_look_every) co_return;
    core_.store_dirty = false;
    store_looked_at_ = now;

    const auto expired = co_await core_.ports.store.expire_deadlines(batch);
    if (expired) {
        for (const JobId& id : *expired) {
            poller_.forget(id.row());
            downloader_.forget(id.row());
        }
    }
    if (expired && !expired->empty()) core_.maybe_ready = true;  // who waited for one of them goes on by itself
    const auto promoted = co_await core_.ports.store.promote_waiting(batch);
    if ((expired && expired->size() == batch) || (promoted && *promoted == batch)) core_.store_dirty = true;
    if (promoted && *promoted > 0) core_.maybe_ready = core_.maybe_uploads = true;
    const auto next = co_await core_.ports.store.next_due();
    store_due_.reset();
    if (next && *next) store_due_ = core_.steady(**next);
    if (!next) {
        core_.ports.log.error("the store could not be read", {{"error", next.error().detail}});
        core_.store_dirty = true;
    }
}

asio::awaitable<void> Housekeeper::settle_due() {
    while (!submitter_.settling.empty() && submitter_.settling.begin()->first <= core_.ports.clock.now()) {
        const std::int64_t row = submitter_.settling.begin()->second;
        submitter_.settling.erase(submitter_.settling.begin());
        const auto waiting = co_await core_.ports.store.with_step(Step::settle, batch);
        if (!waiting) continue;
        for (const Job& job : *waiting) {
            if (job.id.row() == row) co_await submitter_.settle(job);
        }
    }
}

asio::awaitable<void> Housekeeper::lift_holds() {
    for (const store::Hold& hold : core_.holds.over(core_.ports.clock.wall_now())) {
        if (hold.reason == QueueReason::upstream_down && core_.breaker.state() != Breaker::State::closed) {
            // A maintenance took the place of the breaker's hold, and is over before the breaker has closed.
            co_await core_.hold(hold.reason, hold.detail);
        } else {
            co_await core_.release(hold.reason, hold.model);
        }
    }
}

asio::awaitable<void> Housekeeper::look_at_disk() {
    const SteadyTime now = core_.ports.clock.now();
    if (now < disk_look_at_) co_return;
    disk_look_at_ = now + disk_look_every;
    const auto free = core_.ports.blobs.free_bytes();
    if (!free) co_return;
    const bool held = core_.holds.has(QueueReason::storage);
    if (*free < core_.options.min_free_bytes && !held) {
        co_await core_.hold(QueueReason::storage, "less than " + std::to_string(core_.options.min_free_bytes >> 20U) +
                                                      " MiB are free on the state directory's disk: free some space");
    } else if (held && *free >= core_.options.min_free_bytes) {
        co_await core_.release(QueueReason::storage);
    }
}

std::optional<SteadyTime> Housekeeper::probe_at() const {
    if (probing_ || core_.draining) return std::nullopt;
    std::optional<SteadyTime> at;
    if (core_.breaker.state() != Breaker::State::closed) at = core_.breaker.probe_at();
    if (account_in_trouble()) {
        at = at ? std::min(*at, account_probe_at_) : account_probe_at_;
    }
    return at;
}

bool Housekeeper::account_in_trouble() const {
    return core_.holds.has(QueueReason::upstream_auth) || core_.holds.has(QueueReason::credits);
}

asio::awaitable<void> Housekeeper::probe() {
    (void)co_await ask_credits();
    account_probe_at_ = core_.ports.clock.now() + account_probe_every;
    probing_ = false;
    core_.signal.notify();
}

std::optional<SteadyTime> Housekeeper::balance_due() const {
    const bool probed = account_in_trouble() || core_.holds.has(QueueReason::upstream_down);
    if (probing_ || probed || core_.draining || !core_.balance_stale) return std::nullopt;
    return balance_look_at_;
}

bool Housekeeper::balance_overdue(SteadyTime now) const {
    const auto due = balance_due();
    return due && *due + balance_look_every <= now;
}

void Housekeeper::look_at_balance() {
    probing_ = true;
    core_.work.spawn("balance", balance_look());
}

asio::awaitable<void> Housekeeper::balance_look() {
    (void)co_await take_credits(co_await query_with_token(core_, core_.api_request(credit_request()), 0s));
    probing_ = false;
    core_.signal.notify();
}

asio::awaitable<Result<double>> Housekeeper::ask_credits() {
    co_return co_await take_credits(co_await query_once(core_, credit_request()));
}

asio::awaitable<Result<double>> Housekeeper::take_credits(http::Exchange exchange) {
    balance_look_at_ = core_.ports.clock.now() + balance_look_every;
    const auto outcome = upstream::classify_query(exchange, true);
    switch (outcome.verdict) {
        case upstream::QueryVerdict::answered:
            break;
        case upstream::QueryVerdict::auth:
            core_.metrics.credit_request("auth");
            co_await core_.upstream_answered();
            co_await core_.hold(QueueReason::upstream_auth,
                                "kie.ai refuses the API key: check KIE_API_KEY (" + outcome.message + ")");
            co_return fail(errc::forbidden, "kie.ai refuses the API key: check KIE_API_KEY");
        case upstream::QueryVerdict::rate_limited:
            core_.metrics.credit_request("rate_limited");
            core_.rate_limited(core_.query_tokens(), outcome.retry_after);
            co_return fail(errc::busy, "kie.ai refused the request for its rate: ask again in a moment");
        case upstream::QueryVerdict::not_visible:
        case upstream::QueryVerdict::failed:
        case upstream::QueryVerdict::wrong_endpoint:
            core_.metrics.credit_request("failed");
            co_await core_.upstream_failed("kie.ai can't be reached: " + outcome.message);
            co_return fail(errc::unreachable, "kie.ai did not answer: " + outcome.message);
    }
    core_.metrics.credit_request("answered");
    co_await core_.upstream_answered();
    const auto& data = outcome.envelope->data;
    if (!outcome.envelope->ok() || !data.is_number()) {
        co_return fail(errc::malformed, "kie.ai's answer to the credit query holds no number");
    }
    core_.balance = data.to_number<double>();
    core_.balance_at = core_.ports.clock.wall_now();
    core_.balance_stale = false;
    if (const auto unexplained = co_await core_.ports.store.record_balance(*core_.balance)) {
        core_.metrics.credits_unexplained.Set(*unexplained);
    }
    if (core_.holds.has(QueueReason::upstream_auth)) co_await core_.release(QueueReason::upstream_auth);
    const store::Hold* credits = core_.holds.find(QueueReason::credits, "");
    if (credits != nullptr && *core_.balance > credits->balance.value_or(*core_.balance)) {
        co_await core_.release(QueueReason::credits);
    } else if (credits != nullptr && (!credits->balance || *core_.balance < *credits->balance)) {
        // What was known at the refusal was from before other jobs took theirs: a rise is measured by the lowest seen.
        store::Hold known = *credits;
        known.balance = core_.balance;
        core_.holds.set(known, core_.ports.clock.now());
        (void)co_await core_.ports.store.set_hold(known);
    }
    co_return *core_.balance;
}

}  // namespace genq::engine
