#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <cerrno>

#include "common/async/as_result.hpp"
#include "common/core/check.hpp"
#include "common/http/stream.hpp"

namespace genq::http {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;

namespace {

/// What fits into one TLS record.
constexpr std::size_t record_bytes = 16 << 10;
/// One read on the file pool.
constexpr std::uint64_t slice_bytes = 256 << 10;

struct FilePiece {
    boost::system::error_code error;
    std::string bytes;
};

FilePiece read_piece(int fd, std::uint64_t offset, std::uint64_t length) {
    FilePiece piece;
    piece.bytes.resize(static_cast<std::size_t>(std::min(length, slice_bytes)));
    ssize_t got = -1;
    do {
        got = ::pread(fd, piece.bytes.data(), piece.bytes.size(), static_cast<off_t>(offset));
    } while (got < 0 && errno == EINTR);
    if (got < 0) piece.error.assign(errno, boost::system::system_category());
    piece.bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return piece;
}

class TlsStream final : public Stream {
  public:
    TlsStream(Socket socket, TlsContext& context, ssl::stream_base::handshake_type side, async::WorkerPool* files)
        : stream_(std::move(socket), context.native()), side_(side), files_(files) {
        boost::system::error_code ignored;
        stream_.next_layer().non_blocking(true, ignored);
    }

    /// Sets the name that is asked for and the one that the certificate has to bear.
    void expect_host(const std::string& host) {
        SSL* handle = stream_.native_handle();
        boost::system::error_code not_an_address;
        asio::ip::make_address(host, not_an_address);
        SSL_set_hostflags(handle, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        if (not_an_address) {
            GENQ_CHECK(SSL_ctrl(handle, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                                const_cast<char*>(host.c_str())) == 1);  // OpenSSL copies it
            GENQ_CHECK(SSL_set1_host(handle, host.c_str()) == 1);
        } else {
            GENQ_CHECK(X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(handle), host.c_str()) == 1);
        }
    }

    asio::awaitable<boost::system::error_code> handshake() override {
        const auto [error] = co_await stream_.async_handshake(side_, async::as_result);
        co_return error;
    }

    asio::awaitable<IoResult> read_some(asio::mutable_buffer to) override {
        const auto [error, bytes] = co_await stream_.async_read_some(to, async::as_result);
        co_return IoResult{error, bytes};
    }

    std::size_t write_now(std::string_view, std::string_view, bool) override { return 0; }

    asio::awaitable<IoResult> write(std::string_view head, std::string_view body, std::size_t from) override {
        const std::size_t total = head.size() + body.size();
        std::string joined;
        if (!body.empty() && from < head.size() && total <= record_bytes) {
            joined.reserve(total);
            joined += head;
            joined += body;
            head = joined;
            body = {};
        }
        std::size_t done = from;
        while (done < total) {
            const std::string_view part = done < head.size() ? head.substr(done) : body.substr(done - head.size());
            const IoResult result = co_await write_some(part);
            done += result.bytes;
            if (result.error) co_return IoResult{result.error, done};
        }
        co_return IoResult{{}, done};
    }

    asio::awaitable<IoResult> write_file(int fd, std::uint64_t offset, std::uint64_t length) override {
        GENQ_CHECK(files_ != nullptr);
        // OpenSSL's BIO pair rules kernel TLS out, so the bytes pass through memory.
        const FilePiece piece = co_await files_->run([fd, offset, length] { return read_piece(fd, offset, length); });
        if (piece.error) co_return IoResult{piece.error, 0};
        co_return co_await write(piece.bytes, {}, 0);
    }

    asio::awaitable<void> shutdown() override {
        // A peer that does not answer the close_notify is nothing to report; the caller's deadline ends the wait.
        co_await stream_.async_shutdown(async::as_result);
        boost::system::error_code ignored;
        stream_.next_layer().shutdown(asio::socket_base::shutdown_send, ignored);
    }

    void cancel() override {
        boost::system::error_code ignored;
        stream_.next_layer().cancel(ignored);
    }
    void abort() override { abort_socket(stream_.next_layer()); }
    // A session ticket that comes after the answer counts as unasked bytes here: the connection is then not used again.
    bool fit_for_reuse() override {
        return SSL_pending(stream_.native_handle()) == 0 && is_quiet(stream_.next_layer());
    }
    // A close_notify is bytes here; the end of the connection without one is seen.
    void watch_close(std::function<void()> closed) override { watch_socket(stream_.next_layer(), std::move(closed)); }
    std::uint64_t written() const override { return written_; }
    bool tls() const override { return true; }

  private:
    asio::awaitable<IoResult> write_some(std::string_view part) {
        const auto [error, bytes] =
            co_await stream_.async_write_some(asio::buffer(part.data(), part.size()), async::as_result);
        if (!error) written_ += bytes;
        co_return IoResult{error, error ? 0 : bytes};
    }

    ssl::stream<Socket> stream_;
    ssl::stream_base::handshake_type side_;
    async::WorkerPool* files_;
    std::uint64_t written_ = 0;
};

}  // namespace

std::unique_ptr<Stream> make_tls_server_stream(Socket socket, TlsContext& context, async::WorkerPool& files) {
    return std::make_unique<TlsStream>(std::move(socket), context, ssl::stream_base::server, &files);
}

std::unique_ptr<Stream> make_tls_client_stream(Socket socket, TlsContext& context, const std::string& host) {
    auto stream = std::make_unique<TlsStream>(std::move(socket), context, ssl::stream_base::client, nullptr);
    stream->expect_host(host);
    return stream;
}

}  // namespace genq::http
