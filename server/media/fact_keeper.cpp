#include "server/media/fact_keeper.hpp"

namespace genq::media {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr int batch = 20;
constexpr auto gather = 250ms;  // the store changes often, and an output comes after other changes
constexpr auto after_trouble = 1min;
constexpr auto between_sweeps = 24h;
constexpr auto oldest_thumbnail = std::chrono::hours(24 * 30);

/// Errors that say something of the bytes, for good: nothing will be known of them.
bool is_verdict(errc code) {
    switch (code) {
        case errc::malformed:
        case errc::timeout:
        case errc::too_large:
        case errc::unsupported:
        case errc::not_found:
        case errc::corrupt:
            return true;
        default:
            return false;
    }
}

}  // namespace

FactKeeper::FactKeeper(store::JobStore& store, Library& library, std::string path, async::Signal& changed, Clock& clock,
                       log::Logger& log)
    : store_(store), library_(library), path_(std::move(path)), changed_(changed), clock_(clock), log_(log) {}

asio::awaitable<void> FactKeeper::run() {
    if (path_.empty()) {
        log_.info("no media facts and no thumbnails: media.tools is off");
        co_return;
    }
    if (const auto started = co_await library_.start(path_); !started) {
        if (started.error().code != errc::canceled) {
            log_.info("no media facts and no thumbnails", {{"reason", started.error().detail}});
        }
        co_return;
    }
    SteadyTime sweep_at = clock_.now();
    for (;;) {
        if (clock_.now() >= sweep_at) {
            const auto swept = co_await library_.sweep(oldest_thumbnail);
            if (!swept) log_.warn("the thumbnails can't be looked through", {{"error", swept.error().detail}});
            sweep_at = clock_.now() + between_sweeps;
        }
        if (co_await look_into_all()) {
            co_await changed_.wait_until(sweep_at);
            co_await clock_.sleep_until(clock_.now() + gather);
        } else {
            co_await clock_.sleep_until(clock_.now() + after_trouble);
        }
    }
}

asio::awaitable<bool> FactKeeper::look_into_all() {
    for (;;) {
        auto outputs = co_await store_.unprobed(batch);
        if (!outputs) {
            log_.warn("the outputs can't be looked through", {{"error", outputs.error().detail}});
            co_return false;
        }
        if (outputs->empty()) co_return true;
        for (auto& output : *outputs) {
            if (!co_await look_into(std::move(output))) co_return false;
        }
    }
}

asio::awaitable<bool> FactKeeper::look_into(store::UnprobedOutput output) {
    const auto job = output.job.text();
    const auto facts = co_await library_.facts(output.digest, output.media_type);
    if (!facts && !is_verdict(facts.error().code)) {
        if (facts.error().code != errc::canceled) {
            log_.warn("an output can't be looked into", {{"job", job}, {"error", facts.error().detail}});
        }
        co_return false;
    }
    const bool silent = facts ? *facts == MediaFacts{} : facts.error().code != errc::unsupported;
    if (silent) {
        log_.info("an output's bytes say nothing of themselves",
                  {{"job", job},
                   {"output", output.index},
                   {"reason", facts ? "nothing that can be true was read from them" : facts.error().detail}});
    }
    const auto noted = co_await store_.record_media(std::move(output), facts.value_or(MediaFacts{}));
    // Deleted or replaced meanwhile: not listed any more.
    if (noted || noted.error().code == errc::conflict || noted.error().code == errc::not_found) co_return true;
    log_.warn("what an output says of itself can't be noted", {{"job", job}, {"error", noted.error().detail}});
    co_return false;
}

}  // namespace genq::media
