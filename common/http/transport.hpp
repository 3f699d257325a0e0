#pragma once
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "common/core/clock.hpp"
#include "common/core/error.hpp"
#include "common/http/message.hpp"

namespace genq::http {

/// A request body that is too large for memory: it is read piece by piece while it is sent.
class BodySource {
  public:
    virtual ~BodySource() = default;
    [[nodiscard]] virtual std::uint64_t size() const = 0;
    /// Up to `bytes` bytes from `offset`, at least one while `offset` is below size(). An error ends the request.
    [[nodiscard]] virtual boost::asio::awaitable<Result<std::string>> read(std::uint64_t offset, std::size_t bytes) = 0;
};

/// A request to another server. `url` is absolute (http or https).
struct ClientRequest {
    std::string method = "GET";
    std::string url{};
    Fields headers{};
    std::string body{};
    std::shared_ptr<BodySource> source{};  ///< in the place of `body`
    /// Set: gets the body of a 2xx answer piece by piece as it comes, in the place of ClientResponse::body, however
    /// long it goes on; false ends the exchange with errc::canceled. The deadline counts to the answer's header, from
    /// then on `silence` for each piece.
    std::function<bool(std::string_view)> take{};
    std::chrono::seconds silence{0};

    [[nodiscard]] std::uint64_t body_bytes() const { return source ? source->size() : body.size(); }
};

struct ClientResponse {
    int status = 0;
    Fields headers{};
    std::string body{};
};

/// How much of a request left this process: what decides whether a lost answer may have cost money.
enum class Written {
    nothing,  ///< no byte of it was written
    partly,   ///< some bytes, but not the last one
    fully,    ///< the last byte was handed to the kernel
};

/// What became of one request. `answer` holds a response of any status, or why there is none: errc::timeout,
/// unreachable, tls, connection_lost, malformed, too_large, canceled.
struct Exchange {
    Result<ClientResponse> answer;
    Written written = Written::nothing;
};

/// A connection that is ready to take one request: connected, handshaken, fresh or idle for less than two seconds and
/// checked for end-of-file. Destroying it unused gives it back to the pool; a failed send aborts it (RST).
class Connection {
  public:
    virtual ~Connection() = default;
    /// Sends the request once and reads the whole answer. Never throws but for cancellation, never retries, and ends
    /// at the deadline. Must be called at most once, on the executor that connect() was called on.
    [[nodiscard]] virtual boost::asio::awaitable<Exchange> send(ClientRequest request, SteadyTime deadline) = 0;
};

/// Where downloaded bytes go, piece by piece.
class Sink {
  public:
    virtual ~Sink() = default;
    /// Called once the header is there and the status is 200 or 206, before any bytes. `offset` is the position of the
    /// first byte that follows: 0 when the server ignored the range, so that what was written before is to be dropped.
    /// `total` is the length of the whole, if the server says it.
    [[nodiscard]] virtual Result<void> begin(const Fields& headers, std::uint64_t offset,
                                             std::optional<std::uint64_t> total) = 0;
    [[nodiscard]] virtual boost::asio::awaitable<Result<void>> write(std::span<const std::byte> bytes) = 0;
};

struct DownloadRequest {
    std::string url{};
    std::uint64_t offset = 0;        ///< > 0: asks for `Range: bytes=offset-`
    std::string if_range{};          ///< a strong ETag or a date that the range depends on; "" for none
    std::uint64_t max_bytes = 0;     ///< of the whole; more is errc::too_large
    std::chrono::seconds stall{30};  ///< the longest wait for the next bytes (and for connect and header)
    int max_redirects = 5;
    bool allow_private = false;  ///< false: addresses that are private, loopback or link-local are errc::forbidden
};

struct Download {
    int status = 0;         ///< the last one; bytes reached the sink for 200 and 206 only
    bool complete = false;  ///< all bytes that the server announced have arrived
    Fields headers{};
};

/// HTTP as the engine sees it. Runs on the caller's executor; safe to use from several strands at once.
class Transport {
  public:
    virtual ~Transport() = default;
    /// A connection to the host of `url`, ready to write on. errc::unreachable, tls, timeout.
    [[nodiscard]] virtual boost::asio::awaitable<Result<std::unique_ptr<Connection>>> connect(std::string url,
                                                                                              SteadyTime deadline) = 0;
    /// connect() and send() in one, for requests that cost nothing.
    [[nodiscard]] boost::asio::awaitable<Exchange> send(ClientRequest request, SteadyTime deadline);
    /// Streams a body into the sink; follows redirects, each checked. Header values of the API never go along.
    /// An error leaves what the sink has got: the next call may resume from there.
    [[nodiscard]] virtual boost::asio::awaitable<Result<Download>> download(DownloadRequest request, Sink& sink) = 0;
};

}  // namespace genq::http
