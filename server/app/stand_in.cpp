#include "server/app/stand_in.hpp"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

#include "common/core/clock.hpp"
#include "common/core/random.hpp"
#include "common/http/beast_transport.hpp"
#include "common/json/parse.hpp"
#include "common/log/log.hpp"
#include "server/app/exit_code.hpp"
#include "server/sandbox/sandbox.hpp"

namespace genq::app {
namespace {

namespace asio = boost::asio;

asio::awaitable<void> run_until_signal(sandbox::Sandbox& sandbox, asio::signal_set& signals) {
    (void)co_await signals.async_wait(asio::use_awaitable);
    co_await sandbox.stop();
}

}  // namespace

Result<std::vector<sandbox::Fault>> load_faults(const std::string& file) {
    if (file.empty()) return std::vector<sandbox::Fault>();
    errno = 0;
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        return fail(errc::invalid_argument,
                    fmt::format("{}: the faults can't be read: {}", file, std::strerror(errno)));
    }
    const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    const auto list = json::parse(text);
    if (!list) return fail(errc::invalid_argument, fmt::format("{}: {}", file, list.error().detail));
    auto faults = sandbox::parse_faults(*list);
    if (!faults) return fail(errc::invalid_argument, fmt::format("{}: {}", file, faults.error().detail));
    return faults;
}

int run_stand_in(const StandInArguments& arguments, const std::function<void(const std::string& url)>& ready) {
    auto faults = load_faults(arguments.faults);
    if (!faults) {
        fmt::print(stderr, "{}\n", faults.error().detail);
        return exit_usage;
    }
    asio::io_context io(1);
    SystemClock clock;
    SystemRandom random;
    log::Logger log(log::Level::info, log::Format::text);
    http::BeastTransport transport(io, clock);
    sandbox::Options options;
    options.listen = {arguments.listen};
    options.time_scale = arguments.speed;
    options.limit_requests = arguments.limit;
    options.limit_window = std::chrono::seconds(arguments.window_s);
    options.hmac_key = arguments.hmac_key;
    options.faults = std::move(*faults);
    sandbox::Sandbox sandbox(io, clock, random, transport, log, std::move(options));
    asio::signal_set signals(io, SIGTERM, SIGINT);
    if (const auto started = sandbox.start(); !started) {
        fmt::print(stderr, "{}\n", started.error().detail);
        return started.error().code == errc::invalid_argument ? exit_usage : exit_failed;
    }
    ready(sandbox.base_url());
    std::exception_ptr failure;
    asio::co_spawn(io, run_until_signal(sandbox, signals), [&](const std::exception_ptr& error) {
        failure = error;
        io.stop();
    });
    io.run();
    if (failure) std::rethrow_exception(failure);
    return 0;
}

}  // namespace genq::app
