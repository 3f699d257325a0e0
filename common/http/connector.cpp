#include "common/http/connector.hpp"

#include <algorithm>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "common/async/as_result.hpp"
#include "common/async/with_timeout.hpp"
#include "common/http/address.hpp"

namespace genq::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;
using Endpoints = std::vector<tcp::endpoint>;
using StreamResult = Result<std::unique_ptr<Stream>>;
using namespace std::chrono_literals;

namespace {

/// How long an address may keep us waiting while there are others.
constexpr auto attempt_time = 3s;

/// A look-up that has been asked for. getaddrinfo() can't be interrupted, so it is waited for by a timer that can be,
/// and left to itself when nobody waits any more.
struct Lookup {
    explicit Lookup(const asio::any_io_executor& executor)
        : resolver(executor), arrived(executor, asio::steady_timer::time_point::max()) {}
    tcp::resolver resolver;
    asio::steady_timer arrived;  // never expires; cancelled by the answer
    bool done = false;
    ErrorCode error;
    Endpoints endpoints;
};

asio::awaitable<Result<Endpoints>> resolve(Url url) {
    co_await asio::this_coro::throw_if_cancelled(false);
    ErrorCode not_literal;
    const auto literal = asio::ip::make_address(url.host, not_literal);
    if (!not_literal) co_return Endpoints{{literal, url.port}};
    // RFC 6761 §6.3: never asked for, so that it holds too where no hosts file says so (a bare container).
    if (url.host == "localhost") {
        co_return Endpoints{{asio::ip::address_v4::loopback(), url.port}, {asio::ip::address_v6::loopback(), url.port}};
    }
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const auto lookup = std::make_shared<Lookup>(executor);
    lookup->resolver.async_resolve(
        url.host, std::to_string(url.port), tcp::resolver::numeric_service,
        asio::bind_executor(executor, [lookup](ErrorCode error, const tcp::resolver::results_type& found) {
            lookup->done = true;
            lookup->error = error;
            for (const auto& entry : found) lookup->endpoints.push_back(entry.endpoint());
            lookup->arrived.cancel();
        }));
    co_await lookup->arrived.async_wait(async::as_result);
    if (!lookup->done) co_return fail(errc::canceled, "the look-up of " + url.host + " was cancelled");
    if (lookup->error) {
        co_return fail(errc::unreachable, "the name " + url.host + " can't be resolved: " + lookup->error.message());
    }
    co_return std::move(lookup->endpoints);
}

asio::awaitable<Result<Socket>> connect_to(asio::any_io_executor executor,
                                           asio::generic::stream_protocol::endpoint endpoint) {
    co_await asio::this_coro::throw_if_cancelled(false);
    Socket socket(executor);
    const auto [error] = co_await socket.async_connect(endpoint, async::as_result);
    if (error) co_return fail(errc::unreachable, error.message());
    ErrorCode ignored;
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    co_return std::move(socket);
}

asio::awaitable<StreamResult> shake_hands(std::unique_ptr<Stream> stream, std::string host) {
    co_await asio::this_coro::throw_if_cancelled(false);
    const ErrorCode error = co_await stream->handshake();
    if (error) co_return fail(errc::tls, "no TLS connection to " + host + ": " + error.message());
    co_return std::move(stream);
}

asio::awaitable<Result<Socket>> connect_to_any(asio::any_io_executor executor, Clock& clock, Endpoints endpoints,
                                               std::string host, SteadyTime deadline) {
    Result<Socket> last = fail(errc::unreachable, "the name " + host + " has no address");
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
        const bool final_try = i + 1 == endpoints.size();
        const SteadyTime until = final_try ? deadline : std::min(deadline, clock.now() + attempt_time);
        last = co_await async::with_timeout<Socket>(clock, until, connect_to(executor, endpoints[i]));
        if (last || clock.now() >= deadline || was_cancelled(co_await asio::this_coro::cancellation_state)) break;
    }
    if (!last) {
        const errc code = last.error().code;
        const std::string why = code == errc::timeout ? "no answer in time" : last.error().detail;
        co_return fail(code, "no connection to " + host + ": " + why);
    }
    co_return last;
}

}  // namespace

asio::awaitable<StreamResult> open_stream(asio::any_io_executor executor, Clock& clock, TlsContext& tls, Url url,
                                          Reach reach, SteadyTime deadline, std::vector<AddressBlock> allowed) {
    auto endpoints = co_await async::with_timeout<Endpoints>(clock, deadline, resolve(url));
    if (!endpoints) co_return std::unexpected(std::move(endpoints.error()));
    if (reach == Reach::public_only) {
        std::erase_if(*endpoints, [&allowed](const tcp::endpoint& e) {
            return !is_public_address(e.address()) &&
                   std::ranges::none_of(allowed, [&e](const AddressBlock& block) { return block.holds(e.address()); });
        });
        if (endpoints->empty()) co_return fail(errc::forbidden, url.host + " is no public address");
    }
    if (was_cancelled(co_await asio::this_coro::cancellation_state))
        co_return fail(errc::canceled, "the connection was not wanted any more");
    auto socket = co_await connect_to_any(executor, clock, std::move(*endpoints), url.host, deadline);
    if (!socket) co_return std::unexpected(std::move(socket.error()));
    if (!url.tls()) co_return make_plain_stream(std::move(*socket));
    if (was_cancelled(co_await asio::this_coro::cancellation_state))
        co_return fail(errc::canceled, "the connection was not wanted any more");
    auto stream = make_tls_client_stream(std::move(*socket), tls, url.host);
    co_return co_await async::with_timeout<std::unique_ptr<Stream>>(clock, deadline,
                                                                    shake_hands(std::move(stream), url.host));
}

asio::awaitable<StreamResult> open_unix_stream(asio::any_io_executor executor, Clock& clock, std::string path,
                                               SteadyTime deadline) {
    const asio::local::stream_protocol::endpoint endpoint(path);
    auto socket = co_await async::with_timeout<Socket>(clock, deadline, connect_to(executor, endpoint));
    if (!socket) co_return fail(socket.error().code, "no connection to " + path + ": " + socket.error().detail);
    co_return make_plain_stream(std::move(*socket));
}

}  // namespace genq::http
