#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <memory>
#include <vector>

#include "common/core/clock.hpp"
#include "common/http/address.hpp"
#include "common/http/stream.hpp"
#include "common/http/tls_context.hpp"
#include "common/http/url.hpp"

namespace genq::http {

/// Which addresses may be connected to.
enum class Reach {
    any,
    public_only,  ///< errc::forbidden for a host that has no public address; others of its addresses are left out
};

/// Resolves, connects (one address after the other) and, for https, shakes hands. The socket belongs to `executor`, the
/// work is done on the caller's.
/// With Reach::public_only the addresses of `allowed` count as public.
/// errc::unreachable, tls, timeout, forbidden; details name the host and no more of the URL. Throws for nothing.
[[nodiscard]] boost::asio::awaitable<Result<std::unique_ptr<Stream>>> open_stream(
    boost::asio::any_io_executor executor, Clock& clock, TlsContext& tls, Url url, Reach reach, SteadyTime deadline,
    std::vector<AddressBlock> allowed = {});

/// The same through a Unix socket, whose path fits a socket's address (107 bytes). errc::unreachable, timeout.
[[nodiscard]] boost::asio::awaitable<Result<std::unique_ptr<Stream>>> open_unix_stream(
    boost::asio::any_io_executor executor, Clock& clock, std::string path, SteadyTime deadline);

/// Whether the coroutine that asks has been told to stop: `was_cancelled(co_await
/// asio::this_coro::cancellation_state)`.
[[nodiscard]] inline bool was_cancelled(const boost::asio::cancellation_state& state) {
    return state.cancelled() != boost::asio::cancellation_type::none;
}

}  // namespace genq::http
