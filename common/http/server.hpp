#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/core/error.hpp"
#include "common/http/message.hpp"

namespace genq::http {

/// A request body that its handler reads itself while it arrives.
class BodyReader {
  public:
    virtual ~BodyReader() = default;
    /// The next bytes; "" at the end of the body. errc::timeout (none came for ServerOptions::body_timeout),
    /// connection_lost, too_large, malformed.
    [[nodiscard]] virtual boost::asio::awaitable<Result<std::string>> next() = 0;
};

/// A request that has arrived whole, or whose body is still to be read from `stream`.
struct Request {
    std::string method{};
    std::string target{};  ///< as sent: path and query, still percent-encoded
    Fields headers{};
    std::string body{};
    BodyReader* stream = nullptr;  ///< set: the body is there, and not in `body`. Lives until the handler has answered
    std::string peer{};            ///< "127.0.0.1:40112" or "unix"
    bool has_length = false;       ///< Content-Length or chunked framing was there; without it there is no body
    bool tls = false;
};

/// Bytes of a file that go out without passing through memory (sendfile on plain sockets). The descriptor is owned.
class FileHandle {
  public:
    explicit FileHandle(int fd) : fd_(fd) {}
    FileHandle(const FileHandle&) = delete;
    FileHandle& operator=(const FileHandle&) = delete;
    ~FileHandle();
    [[nodiscard]] int fd() const { return fd_; }

  private:
    int fd_;
};
struct FileBody {
    std::shared_ptr<FileHandle> file{};
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
};

/// A body that is made while it is sent, and whose end may be days away. All calls come on the connection's strand.
class LiveBody {
  public:
    virtual ~LiveBody() = default;
    /// The next bytes, whenever they come; "" at the end of the body. Cancellation throws.
    [[nodiscard]] virtual boost::asio::awaitable<std::string> next() = 0;
    /// The server stops: a next() that waits, and each after it, is to end the body soon.
    virtual void stop() = 0;
    /// The body did not reach its end: its reader took longer than ServerOptions::write_timeout for what it was sent
    /// (`slow`), or is gone.
    virtual void broken_off(bool slow) = 0;
};

struct Response {
    int status = 200;
    Fields headers{};  ///< Content-Length, Date, Connection and Server are the session's
    std::variant<std::string, FileBody, std::unique_ptr<LiveBody>> body{};
    /// Nothing is answered: the connection is closed at once with a reset (RST). For the sandbox's scripted faults.
    bool abort = false;
    /// Only so many bytes of the body go out, though Content-Length names them all; then the connection is closed.
    /// For the sandbox's scripted faults.
    std::optional<std::uint64_t> cut_after = std::nullopt;
};

/// Answers one request. Runs on the connection's strand. An exception becomes a 500 by the handler's owner, not here:
/// one that escapes ends the connection and is logged.
using Handler = std::function<boost::asio::awaitable<Response>(Request)>;

/// Looks at the header of a request whose client waits for `100 Continue` (RFC 9110 §10.1.1). With an answer the body
/// is not read and the connection ends; nullopt: the body is wanted. Runs on the connection's strand.
using Gate = std::function<std::optional<Response>(Request head)>;

/// Says of a request's header whether its handler reads the body itself, and how long that may be; nullopt: the body is
/// gathered. Runs on the connection's strand.
using Streams = std::function<std::optional<std::uint64_t>(const Request& head)>;

/// Makes the answer for what the session itself refuses: 400 malformed, 408 timeout, 413 too
/// large, 417, 431 header too large, 501 unknown transfer coding, 503 too many connections. `target`: the request's, ""
/// as long as it is not known.
using Refusal = std::function<Response(int status, std::string_view detail, std::string_view target)>;

struct ServerOptions {
    std::vector<std::string> listen{};  ///< "127.0.0.1:8080", "[::1]:8080", "localhost:0", "unix:/run/x.sock"
    std::string tls_cert{};             ///< PEM chain; with tls_key all TCP listeners speak TLS
    std::string tls_key{};
    std::uint64_t max_body_bytes = 1 << 20;
    std::uint32_t max_header_bytes = 8 << 10;
    std::size_t max_connections = 1024;
    std::chrono::milliseconds header_timeout{10'000};  ///< from the first byte of a request to the end of its header
    std::chrono::milliseconds body_timeout{60'000};    ///< for the whole body
    std::chrono::milliseconds idle_timeout{75'000};    ///< keep-alive
    std::chrono::milliseconds write_timeout{60'000};   ///< for each slice of the answer
};

/// An HTTP/1.1 server: keep-alive, pipelining, HEAD (the handler answers it as a GET, the session drops the body),
/// Expect: 100-continue, chunked requests. Each connection has its own strand.
class Server {
  public:
    /// `log` gets one line for what an operator should see (accept errors, escaped exceptions). Without `gate` every
    /// body is wanted; without `streams` all are gathered.
    Server(boost::asio::io_context& io, ServerOptions options, Handler handler, Refusal refusal,
           std::function<void(std::string_view)> log, Gate gate = nullptr, Streams streams = nullptr);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Binds and listens; connections are accepted from now on. errc::invalid_argument (address, certificate), errc::io
    /// (in use, no permission), each naming the address.
    [[nodiscard]] Result<void> start();
    /// The addresses bound, ports filled in: "127.0.0.1:41234".
    [[nodiscard]] std::vector<std::string> addresses() const;
    [[nodiscard]] std::size_t connections() const;
    /// From now on each answer ends its connection; new connections are still accepted. Any thread.
    void drain();
    /// Stops accepting, closes idle connections, lets running requests end with `Connection: close`; after `grace` the
    /// rest is closed. Returns when no connection is left. Call once, on any executor.
    [[nodiscard]] boost::asio::awaitable<void> stop(std::chrono::milliseconds grace);

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace genq::http
