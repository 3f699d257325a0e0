#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/async/worker_pool.hpp"
#include "common/http/tls_context.hpp"

namespace genq::http {

using Socket = boost::asio::generic::stream_protocol::socket;

/// What one operation on a stream did.
struct IoResult {
    boost::system::error_code error;
    std::size_t bytes = 0;
};

/// A connected byte stream: a plain socket (TCP or Unix) or TLS over one. Used by one strand at
/// a time, with one reading and one writing operation. Errors come as values; only the cancellation of the
/// coroutine throws. Destroying it closes the socket.
class Stream {
  public:
    virtual ~Stream() = default;
    /// The TLS handshake; nothing on a plain socket.
    [[nodiscard]] virtual boost::asio::awaitable<boost::system::error_code> handshake() = 0;
    [[nodiscard]] virtual boost::asio::awaitable<IoResult> read_some(boost::asio::mutable_buffer to) = 0;
    /// Writes what the kernel takes of head and body in one system call without waiting, and returns how much that was.
    /// 0 where that can't be done (TLS) or fails: write() will tell. `more`: bytes of the same answer follow at once.
    [[nodiscard]] virtual std::size_t write_now(std::string_view head, std::string_view body, bool more) = 0;
    /// Writes head and body whole, but for the first `from` bytes of the two, which are written already. The texts must
    /// live until it returns.
    [[nodiscard]] virtual boost::asio::awaitable<IoResult> write(std::string_view head, std::string_view body,
                                                                 std::size_t from) = 0;
    /// Writes up to `length` bytes of the file from `offset`, in bounded slices: fewer than asked for is no error, and
    /// 0 bytes is the file's end.
    [[nodiscard]] virtual boost::asio::awaitable<IoResult> write_file(int fd, std::uint64_t offset,
                                                                      std::uint64_t length) = 0;
    /// Tells the peer that no more bytes come (TLS close_notify, then FIN).
    [[nodiscard]] virtual boost::asio::awaitable<void> shutdown() = 0;
    /// Ends what is waiting on the socket with operation_aborted.
    virtual void cancel() = 0;
    /// Closes at once; what is not yet sent is dropped, and the peer of a TCP connection sees a reset.
    virtual void abort() = 0;
    /// False when the peer has closed, or has sent bytes that nobody asked for: such an idle connection is of no use.
    [[nodiscard]] virtual bool fit_for_reuse() = 0;
    /// Calls `closed` once when the peer closes its side. Ended by cancel(), and by bytes that come: then it is never
    /// called. What `closed` holds must keep the stream alive.
    virtual void watch_close(std::function<void()> closed) = 0;
    /// Bytes of plain text handed to the kernel so far. Over TLS a piece counts when its encrypted form is written.
    [[nodiscard]] virtual std::uint64_t written() const = 0;
    [[nodiscard]] virtual bool tls() const = 0;
};

/// A connected TCP or Unix socket, without TLS; owns it.
[[nodiscard]] std::unique_ptr<Stream> make_plain_stream(Socket socket);
/// The accepting side. `files`: where write_file() reads; it and the context must outlive the stream.
[[nodiscard]] std::unique_ptr<Stream> make_tls_server_stream(Socket socket, TlsContext& context,
                                                             async::WorkerPool& files);
/// The connecting side: sends the host's name (SNI) and checks the certificate against it. It has no write_file().
[[nodiscard]] std::unique_ptr<Stream> make_tls_client_stream(Socket socket, TlsContext& context,
                                                             const std::string& host);

/// Closes the socket so that the peer of a TCP connection sees a reset (SO_LINGER 0).
void abort_socket(Socket& socket);

/// True when a peek without blocking finds neither bytes nor the end.
[[nodiscard]] bool is_quiet(Socket& socket);

/// Stream::watch_close() of what is sent over this socket.
void watch_socket(Socket& socket, std::function<void()> closed);

}  // namespace genq::http
