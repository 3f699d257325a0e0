#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>

#include "common/async/as_result.hpp"
#include "common/http/stream.hpp"

namespace genq::http {

namespace asio = boost::asio;

namespace {

/// One call of sendfile() may read from the disk, so it is kept short.
constexpr std::uint64_t sendfile_bytes = 256 << 10;

boost::system::error_code last_error() {
    return {errno, boost::system::system_category()};
}

bool would_block() {
    return errno == EAGAIN || errno == EWOULDBLOCK;
}

class PlainStream final : public Stream {
  public:
    explicit PlainStream(Socket socket) : socket_(std::move(socket)) {
        boost::system::error_code ignored;
        socket_.non_blocking(true, ignored);  // a socket that can't will say so at its first use
    }

    asio::awaitable<boost::system::error_code> handshake() override { co_return boost::system::error_code(); }

    asio::awaitable<IoResult> read_some(asio::mutable_buffer to) override {
        const auto [error, bytes] = co_await socket_.async_read_some(to, async::as_result);
        co_return IoResult{error, bytes};
    }

    std::size_t write_now(std::string_view head, std::string_view body, bool more) override {
        const ssize_t sent = send(head, body, 0, more ? MSG_MORE : 0);
        if (sent <= 0) return 0;
        written_ += static_cast<std::uint64_t>(sent);
        return static_cast<std::size_t>(sent);
    }

    asio::awaitable<IoResult> write(std::string_view head, std::string_view body, std::size_t from) override {
        std::size_t done = from;
        const std::size_t total = head.size() + body.size();
        while (done < total) {
            const ssize_t sent = send(head, body, done, 0);
            if (sent >= 0) {
                done += static_cast<std::size_t>(sent);
                written_ += static_cast<std::uint64_t>(sent);
                continue;
            }
            if (errno == EINTR) continue;
            if (!would_block()) co_return IoResult{last_error(), done};
            const auto [error] = co_await socket_.async_wait(asio::socket_base::wait_write, async::as_result);
            if (error) co_return IoResult{error, done};
        }
        co_return IoResult{{}, done};
    }

    asio::awaitable<IoResult> write_file(int fd, std::uint64_t offset, std::uint64_t length) override {
        for (;;) {
            auto position = static_cast<off_t>(offset);
            const ssize_t sent = ::sendfile(socket_.native_handle(), fd, &position, std::min(length, sendfile_bytes));
            if (sent >= 0) {
                written_ += static_cast<std::uint64_t>(sent);
                co_return IoResult{{}, static_cast<std::size_t>(sent)};
            }
            if (errno == EINTR) continue;
            if (!would_block()) co_return IoResult{last_error(), 0};
            const auto [error] = co_await socket_.async_wait(asio::socket_base::wait_write, async::as_result);
            if (error) co_return IoResult{error, 0};
        }
    }

    asio::awaitable<void> shutdown() override {
        boost::system::error_code ignored;  // the peer may be gone already
        socket_.shutdown(asio::socket_base::shutdown_send, ignored);
        co_return;
    }

    void cancel() override {
        boost::system::error_code ignored;
        socket_.cancel(ignored);
    }
    void abort() override { abort_socket(socket_); }
    bool fit_for_reuse() override { return is_quiet(socket_); }
    void watch_close(std::function<void()> closed) override { watch_socket(socket_, std::move(closed)); }
    std::uint64_t written() const override { return written_; }
    bool tls() const override { return false; }

  private:
    ssize_t send(std::string_view head, std::string_view body, std::size_t done, int flags) {
        std::array<iovec, 2> parts{};
        std::size_t count = 0;
        const auto add = [&](std::string_view part) {
            if (part.empty()) return;
            parts[count].iov_base = const_cast<char*>(part.data());  // sendmsg() does not write there
            parts[count].iov_len = part.size();
            ++count;
        };
        add(head.substr(std::min(done, head.size())));
        add(body.substr(done > head.size() ? done - head.size() : 0));
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = count;
        return ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT | flags);
    }

    Socket socket_;
    std::uint64_t written_ = 0;
};

}  // namespace

std::unique_ptr<Stream> make_plain_stream(Socket socket) {
    return std::make_unique<PlainStream>(std::move(socket));
}

void abort_socket(Socket& socket) {
    boost::system::error_code ignored;
    socket.set_option(asio::socket_base::linger(true, 0), ignored);
    socket.close(ignored);
}

bool is_quiet(Socket& socket) {
    char byte = 0;
    return ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && would_block();
}

void watch_socket(Socket& socket, std::function<void()> closed) {
    socket.async_wait(asio::socket_base::wait_read,
                      [&socket, closed = std::move(closed)](const boost::system::error_code& error) {
                          char byte = 0;
                          if (error) return;
                          const ssize_t got = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
                          if (got == 0 || (got < 0 && !would_block())) closed();
                      });
}

}  // namespace genq::http
