#pragma once
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string_view>

#include "common/async/worker_pool.hpp"
#include "common/core/clock.hpp"
#include "common/http/server.hpp"
#include "common/http/tls_context.hpp"

namespace genq::http {

/// What all connections of one server share. The times are those of the server's last tick, so that a request costs no
/// clock call; they lag by a tick at most.
struct ServerState {
    ServerOptions options;
    Handler handler;
    Refusal refusal;
    Gate gate;        ///< empty: every body is wanted
    Streams streams;  ///< empty: every body is gathered
    std::function<void(std::string_view)> log;
    std::shared_ptr<TlsContext> tls;           ///< null: plain
    std::unique_ptr<async::WorkerPool> files;  ///< for file bodies over TLS
    std::chrono::milliseconds tick{500};
    std::atomic<SteadyTime::rep> now{0};
    std::atomic<std::int64_t> wall_ms{0};
    std::atomic<bool> draining{false};
    std::atomic<bool> stopping{false};

    [[nodiscard]] SteadyTime coarse_now() const { return SteadyTime(SteadyTime::duration(now.load())); }
};

}  // namespace genq::http
