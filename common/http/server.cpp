#include "common/http/server.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <mutex>
#include <unordered_map>

#include "common/async/as_result.hpp"
#include "common/http/listener.hpp"
#include "common/http/server_state.hpp"
#include "common/http/session.hpp"

namespace genq::http {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr auto accept_pause = 100ms;
/// One line in the log for so many accept errors: with all descriptors in use they come ten a second.
constexpr unsigned log_every = 100;
/// So many connections beyond the limit are told so; those beyond these are just closed.
constexpr std::size_t told_overloaded = 64;

/// Fine enough for the shortest timeout, coarse enough to cost nothing.
std::chrono::milliseconds tick_for(const ServerOptions& options) {
    const auto shortest =
        std::min({options.header_timeout, options.body_timeout, options.idle_timeout, options.write_timeout});
    return std::clamp(shortest / 8, 5ms, 500ms);
}

}  // namespace

FileHandle::~FileHandle() {
    ::close(fd_);
}

/// Listeners and the ticker live on the control strand; the table of sessions is behind a mutex, since each session
/// ends on its own strand.
struct Server::Impl : std::enable_shared_from_this<Server::Impl> {
    Impl(asio::io_context& context, ServerOptions options, Handler handler, Refusal refusal,
         std::function<void(std::string_view)> log, Gate gate, Streams streams)
        : io(context), control(asio::make_strand(context)), ticker(control), waiter(control) {
        state.tick = tick_for(options);
        state.options = std::move(options);
        state.handler = std::move(handler);
        state.refusal = std::move(refusal);
        state.log = std::move(log);
        state.gate = std::move(gate);
        state.streams = std::move(streams);
    }

    asio::io_context& io;
    asio::strand<asio::io_context::executor_type> control;
    SystemClock clock;
    ServerState state;
    std::vector<std::unique_ptr<Listener>> listeners;
    asio::steady_timer ticker;
    asio::steady_timer waiter;  // stop() waits here; its expiry is put into the past when something ended
    std::atomic<std::size_t> services{0};
    mutable std::mutex mutex;
    std::unordered_map<Session*, std::shared_ptr<Session>> sessions;

    void read_clock() {
        state.now = clock.now().time_since_epoch().count();
        state.wall_ms = clock.wall_now().time_since_epoch().count();
    }

    /// Runs accept loops and the ticker. They keep the server alive and are counted, so that stop() can await them.
    void serve(asio::awaitable<void> service) {
        ++services;
        asio::co_spawn(control, std::move(service), [self = shared_from_this()](const std::exception_ptr& error) {
            if (error) self->state.log("an accept loop or the timer of the HTTP server failed");
            --self->services;
            self->wake();
        });
    }

    asio::awaitable<void> tick() {
        while (!state.stopping || count() > 0) {
            ticker.expires_after(state.tick);
            co_await ticker.async_wait(async::as_result);
            read_clock();
            const std::lock_guard lock(mutex);
            for (const auto& [key, session] : sessions) session->check_deadline(state.coarse_now());
        }
    }

    asio::awaitable<void> accept(Listener& listener) {
        unsigned failures = 0;
        while (!state.stopping) {
            Socket socket(asio::make_strand(io));
            const auto [error] = co_await listener.acceptor().async_accept(socket, async::as_result);
            if (state.stopping) co_return;
            if (!error) {
                failures = 0;
                add(std::move(socket));
                continue;
            }
            if (error == asio::error::connection_aborted) continue;
            // Out of descriptors or memory: neither the end nor a reason to spin.
            if (failures++ % log_every == 0) {
                state.log(fmt::format("can't accept connections on {}: {}", listener.name(), error.message()));
            }
            asio::steady_timer pause(control, accept_pause);
            co_await pause.async_wait(async::as_result);
        }
    }

    void add(Socket socket) {
        boost::system::error_code error;
        const auto peer = socket.remote_endpoint(error);
        if (error) return;  // gone already
        if (peer.protocol().family() != AF_UNIX) {
            socket.set_option(asio::ip::tcp::no_delay(true), error);
        }
        const std::size_t open = count();
        if (open >= state.options.max_connections + told_overloaded) return;
        const auto strand = socket.get_executor();
        auto session = std::make_shared<Session>(state, strand, std::move(socket), endpoint_name(peer),
                                                 open >= state.options.max_connections);
        {
            const std::lock_guard lock(mutex);
            sessions.emplace(session.get(), session);
        }
        asio::co_spawn(strand, session->run(),
                       asio::bind_cancellation_slot(session->slot(), [self = shared_from_this(),
                                                                      session](const std::exception_ptr& error_thrown) {
                           self->report(error_thrown);
                           self->remove(*session);
                       }));
    }

    void report(const std::exception_ptr& error) const {
        if (!error) return;
        try {
            std::rethrow_exception(error);
        } catch (const boost::system::system_error& e) {
            if (e.code() != asio::error::operation_aborted) state.log(fmt::format("a connection failed: {}", e.what()));
        } catch (const std::exception& e) {
            state.log(fmt::format("a connection failed: {}", e.what()));
        }
    }

    void remove(Session& session) {
        const std::lock_guard lock(mutex);
        sessions.erase(&session);
        if (sessions.empty()) wake();
    }

    std::size_t count() const {
        const std::lock_guard lock(mutex);
        return sessions.size();
    }

    void wake() {
        asio::post(control, [self = shared_from_this()] { self->waiter.cancel(); });
    }

    void close_listeners() {
        state.stopping = true;
        for (const auto& listener : listeners) listener->close();
    }

    template <class Action>
    void for_each_session(Action action) {
        const std::lock_guard lock(mutex);
        for (const auto& [key, session] : sessions) action(*session);
    }

    /// On the control strand, so that no wake() is missed.
    asio::awaitable<void> stop(std::chrono::milliseconds grace) {
        close_listeners();
        for_each_session([](Session& session) { session.drain(); });
        waiter.expires_after(grace);
        bool in_time = true;
        while (in_time && count() > 0) {
            const auto [error] = co_await waiter.async_wait(async::as_result);
            in_time = error == asio::error::operation_aborted;
        }
        for_each_session([](Session& session) { session.cancel(); });
        ticker.cancel();
        waiter.expires_at(asio::steady_timer::time_point::max());
        while (count() > 0 || services > 0) co_await waiter.async_wait(async::as_result);
        listeners.clear();
    }
};

Server::Server(asio::io_context& io, ServerOptions options, Handler handler, Refusal refusal,
               std::function<void(std::string_view)> log, Gate gate, Streams streams)
    : impl_(std::make_shared<Impl>(io, std::move(options), std::move(handler), std::move(refusal), std::move(log),
                                   std::move(gate), std::move(streams))) {}

Server::~Server() {
    asio::post(impl_->control, [impl = impl_] {
        impl->close_listeners();
        impl->ticker.cancel();
    });
}

Result<void> Server::start() {
    Impl& impl = *impl_;
    const ServerOptions& options = impl.state.options;
    if (!options.tls_cert.empty() || !options.tls_key.empty()) {
        auto tls = TlsContext::for_server(options.tls_cert, options.tls_key);
        if (!tls) return std::unexpected(std::move(tls.error()));
        impl.state.tls = std::move(*tls);
        impl.state.files = std::make_unique<async::WorkerPool>(2);
    }
    for (const std::string& address : options.listen) {
        auto listeners = listen_on(impl.control, address);
        if (!listeners) {
            impl.listeners.clear();
            return std::unexpected(std::move(listeners.error()));
        }
        std::ranges::move(*listeners, std::back_inserter(impl.listeners));
    }
    impl.read_clock();
    impl.serve(impl.tick());
    for (const auto& listener : impl.listeners) impl.serve(impl.accept(*listener));
    return {};
}

std::vector<std::string> Server::addresses() const {
    std::vector<std::string> names;
    for (const auto& listener : impl_->listeners) names.push_back(listener->name());
    return names;
}

std::size_t Server::connections() const {
    return impl_->count();
}

void Server::drain() {
    impl_->state.draining = true;
}

asio::awaitable<void> Server::stop(std::chrono::milliseconds grace) {
    const auto impl = impl_;
    co_await asio::co_spawn(impl->control, impl->stop(grace), asio::use_awaitable);
}

}  // namespace genq::http
