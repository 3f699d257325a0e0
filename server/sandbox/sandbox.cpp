#include "server/sandbox/sandbox.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>

#include "common/async/enter.hpp"
#include "common/async/task_group.hpp"
#include "common/http/server.hpp"
#include "server/sandbox/service.hpp"

namespace genq::sandbox {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto callback_timeout = 15s;  // the time that kie.ai gives a callback's receiver
constexpr auto fetch_timeout = 30s;     // and an upload by URL
constexpr auto stop_grace = 500ms;
constexpr std::array<std::chrono::milliseconds, 4> pauses{0ms, 1s, 2s, 4s};  // before each try of a callback

http::ServerOptions server_options(const Options& options) {
    http::ServerOptions server;
    server.listen = options.listen;
    server.max_body_bytes = 128ULL << 20;
    return server;
}

http::Response refusal(int status, std::string_view detail, std::string_view /*target*/) {
    http::Response response;
    response.status = status;
    response.headers.set("Content-Type", "text/plain");
    response.body = std::string(detail) + "\n";
    return response;
}

}  // namespace

struct Sandbox::Impl {
    Impl(asio::io_context& io, Clock& clock_, Random& random, http::Transport& transport_, log::Logger& log_,
         const Options& options)
        : clock(clock_),
          transport(transport_),
          log(log_),
          strand(asio::make_strand(io.get_executor())),
          stopped(strand, SteadyTime::max()),
          service(options, random, ledger),
          calls(strand, [this](const std::string& name,
                               std::exception_ptr) { log.error("sandbox task broke", {{"task", name}}); }),
          server(
              io, server_options(options), [this](http::Request request) { return answer(std::move(request)); },
              refusal, [this](std::string_view line) { log.warn("sandbox", {{"detail", line}}); }) {}

    [[nodiscard]] Moment now() const { return {clock.now(), clock.wall_now()}; }

    // On the connection's strand; the service is touched on this one's only.
    asio::awaitable<http::Response> answer(http::Request request) {
        const auto connection = co_await asio::this_coro::executor;
        co_await async::enter(strand);
        auto reply = service.handle(request, now());
        for (const auto& task : reply.made) {
            const auto steps = service.steps(task);
            if (!steps.empty()) calls.spawn("callbacks", call_back(task, steps));
        }
        if (!reply.fetch_url.empty()) {
            // Timeouts want to be awaited on the coroutine's own executor: elsewhere Boost 1.81's `||` may cancel its
            // second half before that has begun, and the exception ends the process.
            co_await async::enter(connection);
            const auto fetched = co_await fetch(reply.fetch_url);
            co_await async::enter(strand);
            auto resumed = service.resume(request, fetched, now());
            if (!reply.response.abort) reply.response = std::move(resumed.response);
        }
        if (reply.hang) {
            co_await wait_for_stop();
            reply.response.abort = true;
        }
        co_await async::enter(connection);
        if (reply.delay > 0ms) co_await clock.sleep_until(clock.now() + reply.delay);
        co_return std::move(reply.response);
    }

    // Nobody is answered before stop(): all who hang wait on one timer that never expires.
    asio::awaitable<void> wait_for_stop() {
        if (!stopping) co_await stopped.async_wait(asio::as_tuple(asio::use_awaitable));
    }

    asio::awaitable<Fetched> fetch(std::string url) {
        http::ClientRequest request;
        request.url = std::move(url);
        auto exchange = co_await transport.send(std::move(request), clock.now() + fetch_timeout);
        if (!exchange.answer || exchange.answer->status != 200) co_return Fetched{};
        co_return Fetched{true, std::move(exchange.answer->body),
                          std::string(exchange.answer->headers.get("Content-Type"))};
    }

    asio::awaitable<void> call_back(std::string task, std::vector<CallbackStep> steps) {
        for (const auto step : steps) {
            co_await clock.sleep_until(step.when);
            if (!co_await deliver(task, step.point)) service.callback_failed(task);
        }
    }

    asio::awaitable<bool> deliver(std::string task, CallbackPoint point) {
        for (const auto pause : pauses) {
            if (pause > 0ms) co_await clock.sleep_until(clock.now() + pause);
            auto request = service.callback(task, point, now());
            const auto exchange = co_await transport.send(std::move(request), clock.now() + callback_timeout);
            if (exchange.answer && exchange.answer->status / 100 == 2) co_return true;
        }
        log.warn("sandbox callback not delivered", {{"task", task}});
        co_return false;
    }

    asio::awaitable<void> stop() {
        co_await async::enter(strand);
        stopping = true;
        stopped.cancel();
        calls.cancel();
        co_await server.stop(stop_grace);
        co_await async::enter(strand);
        calls.cancel();
        co_await calls.join();
    }

    Clock& clock;
    http::Transport& transport;
    log::Logger& log;
    asio::strand<asio::io_context::executor_type> strand;
    asio::steady_timer stopped;
    bool stopping = false;
    LedgerBook ledger;
    Service service;
    async::TaskGroup calls;
    http::Server server;
};

Sandbox::Sandbox(asio::io_context& io, Clock& clock, Random& random, http::Transport& callbacks, log::Logger& log,
                 Options options)
    : impl_(std::make_unique<Impl>(io, clock, random, callbacks, log, options)) {}

Sandbox::~Sandbox() = default;

Result<void> Sandbox::start() {
    auto started = impl_->server.start();
    if (started) impl_->service.set_base_url(base_url());
    return started;
}

std::string Sandbox::base_url() const {
    const auto addresses = impl_->server.addresses();
    return addresses.empty() ? "" : "http://" + addresses.front();
}

asio::awaitable<void> Sandbox::stop() {
    return impl_->stop();
}

Ledger Sandbox::ledger() const {
    return impl_->ledger.copy();
}

}  // namespace genq::sandbox
