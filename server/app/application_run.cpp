#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "server/app/application.hpp"
#include "server/app/collector.hpp"
#include "server/app/descriptors.hpp"
#include "server/app/exit_code.hpp"
#include "server/app/reload.hpp"
#include "server/app/url_keys.hpp"
#include "server/app/version.hpp"

namespace genq::app {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// Clients that still read a large output may hold up a stop so long; creates in flight have the whole grace.
constexpr std::chrono::milliseconds longest_http_drain = 10s;
// What a collector that hangs may hold up a stop.
constexpr std::chrono::milliseconds longest_trace_drain = 2s;
// A receiver that is slower is sent the same again after the restart.
constexpr std::chrono::milliseconds longest_webhook_drain = 5s;
// Of the grace, what is left for ending everything else.
constexpr std::chrono::milliseconds reserve = 1s;
constexpr auto collect_every = 1h;

// Written beside its place and renamed, so that who waits for the file never reads half of it.
Result<void> write_address(const std::string& file, const std::string& address) {
    const auto temporary = fmt::format("{}.{}.tmp", file, ::getpid());
    errno = 0;
    std::ofstream stream(temporary, std::ios::trunc);
    stream << address << '\n';
    stream.close();
    if (!stream || std::rename(temporary.c_str(), file.c_str()) != 0) {
        const int error = errno;
        ::unlink(temporary.c_str());
        return fail(errc::io, fmt::format("The address can't be written into {}: {}.", file, std::strerror(error)));
    }
    return {};
}

bool opens_the_same(const api::Token& a, const api::Token& b) {
    return a.name == b.name && a.sha256 == b.sha256 && a.scopes == b.scopes;
}

}  // namespace

asio::awaitable<int> Application::main() {
    tasks_.spawn("signals", watch_signals());
    const auto started = co_await start();
    if (!started) {
        log_.error("can't start", {{"error", started.error().detail}});
        exit_code_ = started.error().code == errc::invalid_argument ? exit_usage : exit_failed;
    } else {
        notifier_.ready();
        co_await stop_.wait_until(SteadyTime::max());
    }
    draining_ = true;
    co_await drain();
    co_return exit_code_;
}

asio::awaitable<Result<void>> Application::start() {
    if (sandbox_) log_.info("sandbox in place of kie.ai", {{"address", base_url_}, {"speed", settings_.sandbox_speed}});
    if (traces_) {
        if (auto began = co_await traces_->begin(); !began) co_return began;
        tasks_.spawn("traces read", traces_->read());
        tasks_.spawn("traces sent", traces_->send());
    }
    if (auto started = co_await engine_->start(); !started) co_return started;
    if (const auto interval = notifier_.watchdog_interval()) tasks_.spawn("watchdog", keep_watchdog(*interval));
    tasks_.spawn("collector", keep_collecting());
    tasks_.spawn("scrubber", scrubber_->run());
    tasks_.spawn("front calls", deliverer_->run());
    tasks_.spawn("webhooks", sender_->run());
    tasks_.spawn("events", events_->run());
    tasks_.spawn("media facts", fact_keeper_->run());
    const auto connections = settings_.config.http.max_connections;
    if (const auto descriptors = raise_descriptor_limit(); descriptors < static_cast<std::uint64_t>(connections)) {
        log_.warn("http.max_connections is more than this process may open: raise ulimit -n or LimitNOFILE=",
                  {{"max_connections", connections}, {"descriptors", descriptors}});
    }
    if (auto started = http_->start(); !started) co_return started;
    serving_ = true;
    for (const std::string& address : http_->addresses()) {
        log_.info("listening", {{"address", address}, {"tls", !settings_.config.http.tls_cert.empty()}});
    }
    if (!arguments_.address_file.empty()) {
        if (auto written = write_address(arguments_.address_file, http_->addresses().front()); !written)
            co_return written;
    }
    const std::string& tokens_file = settings_.config.auth.tokens_file;
    if (settings_.tokens.empty() && !tokens_file.empty() && tokens_file != AuthSection().tokens_file) {
        log_.warn("auth.tokens_file holds no token: whoever reaches this daemon may use it", {{"file", tokens_file}});
    }
    log_.info("started", {{"version", version()},
                          {"state", state_dir_.path()},
                          {"tokens", settings_.tokens.size()},
                          {"models", catalogue_.get()->models().size()}});
    co_return Result<void>{};
}

asio::awaitable<void> Application::drain() {
    if (serving_) http_->drain();
    notifier_.stopping();
    const auto grace = std::chrono::milliseconds(std::chrono::seconds(settings_.config.shutdown.grace_s));
    log_.info("stopping", {{"grace_s", settings_.config.shutdown.grace_s}});
    const SteadyTime end = clock_.now() + grace;
    co_await engine_->stop(std::max(grace - reserve, reserve));
    media_->stop();
    // The listeners close last: while creates are awaited, health checks see the drain and readers their jobs.
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - clock_.now());
    if (serving_) co_await http_->stop(std::clamp(left, reserve, longest_http_drain));
    if (traces_ && serving_) co_await traces_->drain(std::min(end, clock_.now() + longest_trace_drain));
    if (serving_) co_await sender_->drain(std::min(end, clock_.now() + longest_webhook_drain));
    if (sandbox_) co_await sandbox_->stop();
    scrubber_->stop();
    tasks_.cancel();
    co_await tasks_.join();
}

asio::awaitable<void> Application::watch_signals() {
    for (;;) {
        const int number = co_await signals_.async_wait(asio::use_awaitable);
        if (number == SIGHUP) {
            if (!draining_) co_await reload();
        } else if (draining_) {
            log_.warn("cut short by a second signal");
            std::_Exit(exit_failed);
        } else {
            draining_ = true;
            log_.info("told to stop", {{"signal", number == SIGTERM ? "TERM" : "INT"}});
            stop_.notify();
        }
    }
}

asio::awaitable<void> Application::reload() {
    notifier_.reloading(clock_.now());
    struct Loaded {
        Settings settings;
        std::shared_ptr<const api::UrlKeys> url_keys;
    };
    // Files are read on a thread of the pool; arguments and environment don't change.
    auto loaded = co_await workers_.run([this]() -> Result<Loaded> {
        auto settings = load_settings(arguments_, environment_);
        if (!settings) return std::unexpected(settings.error());
        auto url_keys = load_url_keys(state_dir_.path(), random_);
        if (!url_keys) return std::unexpected(url_keys.error());
        return Loaded{std::move(*settings), std::move(*url_keys)};
    });
    auto may = loaded ? check_reload(settings_, loaded->settings) : std::unexpected(loaded.error());
    if (!may) {
        log_.error("nothing reloaded", {{"error", may.error().detail}});
    } else {
        const bool same_tokens = std::ranges::equal(settings_.tokens, loaded->settings.tokens, opens_the_same);
        settings_ = std::move(loaded->settings);
        tokens_.set(token_set(settings_));
        // Whoever may go on reading comes back at once, and where it was.
        if (!same_tokens) events_->end_all();
        catalogue_.set(settings_.catalogue);
        url_keys_.set(std::move(loaded->url_keys));
        webhook_secrets_.set(std::make_shared<const webhooks::Secrets>(settings_.webhook_secrets));
        webhook_blocks_.set(webhook_blocks(settings_.config));
        told_.notify();
        engine_->reload(engine_options(settings_, sandbox_ ? base_url_ : settings_.config.upstream.base_url));
        log_.set_level(log_level(settings_.config));
        if (const auto keys = keys_for_a_restart(started_, settings_.config); !keys.empty()) {
            log_.warn("keys that wait for a restart", {{"keys", fmt::format("{}", fmt::join(keys, ", "))}});
        }
        log_.info("reloaded", {{"tokens", settings_.tokens.size()}, {"models", catalogue_.get()->models().size()}});
    }
    notifier_.ready();
}

asio::awaitable<void> Application::keep_collecting() {
    Collector collector(*store_, *blobs_, state_dir_.path(), workers_, clock_,
                        [this](JobId id) { engine_->job_changed(id); });
    for (;;) {
        const RetentionSection rules = settings_.config.retention;
        if (rules.max_age_days > 0 || rules.max_bytes > 0) {
            const auto done = co_await collector.run(rules, false);
            if (!done) {
                log_.error("collecting was cut off", {{"error", done.error().detail}});
            } else if (done->jobs + done->blobs > 0) {
                log_.info("collected", {{"jobs", done->jobs}, {"blobs", done->blobs}});
            }
        }
        co_await clock_.sleep_until(clock_.now() + collect_every);
    }
}

asio::awaitable<void> Application::keep_watchdog(std::chrono::microseconds interval) {
    for (;;) {
        // Alive is who still takes turns on the engine's strand; one that hangs is for systemd to restart.
        co_await engine_->ping();
        notifier_.alive();
        co_await clock_.sleep_until(clock_.now() + interval);
    }
}

void Application::task_failed(const std::string& name, const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& e) {
        log_.error("task ended by an unexpected error", {{"task", name}, {"error", e.what()}});
    }
    stop_with(exit_failed);
}

void Application::stop_with(int code) {
    exit_code_ = code;
    stop_.notify();
}

}  // namespace genq::app
