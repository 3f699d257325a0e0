#include "common/http/beast_transport.hpp"

#include <stdexcept>

#include "common/async/with_timeout.hpp"
#include "common/core/check.hpp"
#include "common/http/client_io.hpp"
#include "common/http/connector.hpp"
#include "common/http/download.hpp"
#include "common/http/pool.hpp"

namespace genq::http {

namespace asio = boost::asio;

struct BeastTransport::Impl {
    Impl(asio::any_io_executor e, Clock& c, TransportOptions o, std::shared_ptr<TlsContext> t)
        : executor(std::move(e)), clock(c), options(std::move(o)), tls(std::move(t)), pool(clock) {}
    asio::any_io_executor executor;
    Clock& clock;
    TransportOptions options;
    std::shared_ptr<TlsContext> tls;
    Pool pool;
};

namespace {

std::shared_ptr<TlsContext> client_context(const std::string& ca_file) {
    auto context = TlsContext::for_client(ca_file);
    if (!context) throw std::runtime_error(context.error().detail);
    return std::move(*context);
}

template <class Impl>
class PooledConnection final : public Connection {
  public:
    PooledConnection(std::shared_ptr<Impl> transport, const Url& url, Pool::Idle idle)
        : transport_(std::move(transport)), origin_(url.origin()), since_(idle.since) {
        from_.stream = std::move(idle.stream);
    }

    ~PooledConnection() override {
        if (from_.stream && !used_) transport_->pool.put(origin_, {std::move(from_.stream), since_});
    }
    PooledConnection(const PooledConnection&) = delete;
    PooledConnection& operator=(const PooledConnection&) = delete;

    asio::awaitable<Exchange> send(ClientRequest request, SteadyTime deadline) override {
        GENQ_CHECK(!used_);
        const auto url = parse_url(request.url);
        if (!url) co_return Exchange{std::unexpected(url.error()), Written::nothing};
        if (url->origin() != origin_) {
            co_return Exchange{fail(errc::invalid_argument, "the connection leads to another host"), Written::nothing};
        }
        const auto head = write_request_head(request, *url, transport_->options.user_agent, false);
        if (!head) co_return Exchange{std::unexpected(head.error()), Written::nothing};
        used_ = true;
        // A coroutine that is destroyed or cancelled with the answer on its way must not leave a connection behind that
        // looks well: it is reset unless it comes to a good end.
        struct Abort {
            Stream* stream;
            ~Abort() {
                if (stream != nullptr) stream->abort();
            }
        } guard{from_.stream.get()};
        const std::uint64_t before = from_.stream->written();
        const std::uint64_t total = head->size() + request.body_bytes();
        const auto longest = request.take ? std::nullopt : std::optional(transport_->options.max_response_bytes);
        ResponseReader reader(longest, request.method == "HEAD");
        auto done =
            co_await async::with_timeout<bool>(transport_->clock, deadline, exchange(from_, reader, *head, request));
        while (request.take && done && *done && reader.status() / 100 == 2) {
            if (const auto piece = reader.take_body(); !piece.empty() && !request.take(piece)) {
                done = fail(errc::canceled, "its reader has had enough");
            } else if (reader.done()) {
                break;
            } else {
                done = co_await async::with_timeout<bool>(transport_->clock, transport_->clock.now() + request.silence,
                                                          next_piece(from_, reader));
            }
        }
        const std::uint64_t sent = from_.stream->written() - before;
        const Written written = sent == 0 ? Written::nothing : sent < total ? Written::partly : Written::fully;
        if (!done) {
            if (was_cancelled(co_await asio::this_coro::cancellation_state))
                done = fail(errc::canceled, "the request was cancelled");
            co_return Exchange{std::unexpected(std::move(done.error())), written};
        }
        ClientResponse response{.status = reader.status(), .headers = {}, .body = reader.take_body()};
        const bool reusable = reader.keep_alive() && from_.rest.empty() && written == Written::fully;
        response.headers = reader.take_headers();
        guard.stream = nullptr;
        if (reusable) transport_->pool.put(origin_, {std::move(from_.stream), transport_->clock.now()});
        from_.stream.reset();
        co_return Exchange{std::move(response), written};
    }

  private:
    static asio::awaitable<Result<bool>> exchange(ClientStream& from, ResponseReader& reader, std::string_view head,
                                                  const ClientRequest& request) {
        co_await asio::this_coro::throw_if_cancelled(false);
        const auto written = co_await write_request(*from.stream, head, request);
        if (!written) co_return written;
        for (;;) {
            const auto more = co_await read_more(from, reader);
            if (!more) co_return more;
            if (!*more) co_return true;
            if (request.take && reader.header_done() && reader.status() / 100 == 2) co_return true;
        }
    }

    static asio::awaitable<Result<bool>> next_piece(ClientStream& from, ResponseReader& reader) {
        co_await asio::this_coro::throw_if_cancelled(false);
        const auto more = co_await read_more(from, reader);
        if (!more) co_return more;
        co_return true;
    }

    std::shared_ptr<Impl> transport_;
    std::string origin_;
    SteadyTime since_;
    ClientStream from_;
    bool used_ = false;
};

}  // namespace

BeastTransport::BeastTransport(asio::io_context& io, Clock& clock, TransportOptions options) {
    auto context = client_context(options.ca_file);
    impl_ = std::make_shared<Impl>(io.get_executor(), clock, std::move(options), std::move(context));
}

BeastTransport::~BeastTransport() = default;

asio::awaitable<Result<std::unique_ptr<Connection>>> BeastTransport::connect(std::string text, SteadyTime deadline) {
    const auto impl = impl_;
    auto url = parse_url(text);
    if (!url) co_return std::unexpected(std::move(url.error()));
    Pool::Idle idle = impl->pool.take(url->origin());
    if (!idle.stream) {
        const std::string& path = impl->options.unix_socket;
        const Reach reach = impl->options.public_only ? Reach::public_only : Reach::any;
        auto allowed = impl->options.allowed ? impl->options.allowed() : std::vector<AddressBlock>();
        auto opened = path.empty() ? co_await open_stream(impl->executor, impl->clock, *impl->tls, *url, reach,
                                                          deadline, std::move(allowed))
                                   : co_await open_unix_stream(impl->executor, impl->clock, path, deadline);
        if (!opened) co_return std::unexpected(std::move(opened.error()));
        idle = {std::move(*opened), impl->clock.now()};
    }
    co_return std::make_unique<PooledConnection<Impl>>(impl, std::move(*url), std::move(idle));
}

asio::awaitable<Result<Download>> BeastTransport::download(DownloadRequest request, Sink& sink) {
    const auto impl = impl_;
    co_return co_await run_download(impl->executor, impl->clock, *impl->tls, impl->options.user_agent,
                                    std::move(request), sink);
}

std::size_t BeastTransport::idle_connections() const {
    return impl_->pool.size();
}

}  // namespace genq::http
