#include "common/http/download.hpp"

#include <charconv>

#include "common/async/with_timeout.hpp"
#include "common/http/client_io.hpp"
#include "common/http/connector.hpp"

namespace genq::http {

namespace asio = boost::asio;

namespace {

bool is_redirection(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/// Where the body of an answer stands in the whole, and how long it has to be.
struct Placement {
    std::uint64_t offset = 0;
    std::optional<std::uint64_t> length;  ///< of this body
    std::optional<std::uint64_t> total;   ///< of the whole
};

Result<Placement> place(const ResponseReader& reader, const DownloadRequest& request) {
    Placement out;
    out.length = reader.content_length();
    if (reader.status() == 200) {
        out.total = out.length;
    } else {
        const auto range = parse_content_range(reader.headers().get("Content-Range"));
        if (!range || range->first != request.offset) {
            return fail(errc::malformed, "the server sends another range than asked for");
        }
        out.offset = range->first;
        const std::uint64_t length = range->last - range->first + 1;
        if (out.length && *out.length != length) {
            return fail(errc::malformed, "Content-Length and Content-Range do not agree");
        }
        out.length = length;
        out.total = range->total;
    }
    const std::uint64_t end = out.total.value_or(out.offset + out.length.value_or(0));
    if (request.max_bytes > 0 && end > request.max_bytes) return fail(errc::too_large, "the file is too large");
    return out;
}

/// One answer's way from the socket into the sink.
class Transfer {
  public:
    Transfer(asio::any_io_executor executor, Clock& clock, TlsContext& tls, const std::string& user_agent,
             DownloadRequest request, Sink& sink)
        : executor_(std::move(executor)),
          clock_(clock),
          tls_(tls),
          user_agent_(user_agent),
          request_(std::move(request)),
          sink_(sink) {}
    /// What did not come to a good end is reset, cancellation included.
    ~Transfer() {
        if (from_.stream && !complete_) from_.stream->abort();
    }
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    asio::awaitable<Result<Download>> run() {
        std::string url = request_.url;
        for (int redirects = 0;; ++redirects) {
            auto asked = co_await ask(url);
            if (!asked) co_return std::unexpected(std::move(asked.error()));
            const int status = reader_->status();
            const std::string location(reader_->headers().get("Location"));
            if (!is_redirection(status) || location.empty()) break;
            if (redirects == request_.max_redirects) co_return fail(errc::malformed, "too many redirections");
            auto next = resolve_reference(url, location);
            if (!next) co_return std::unexpected(std::move(next.error()));
            if (url.starts_with("https:") && !next->starts_with("https:")) {
                co_return fail(errc::forbidden, "a redirection leaves TLS");
            }
            url = std::move(*next);
        }
        Download out{.status = reader_->status(), .complete = false, .headers = reader_->headers()};
        if (out.status != 200 && out.status != 206) co_return out;
        auto stored = co_await store();
        if (!stored) co_return std::unexpected(std::move(stored.error()));
        complete_ = out.complete = true;
        co_return out;
    }

  private:
    SteadyTime stall() { return clock_.now() + request_.stall; }

    /// Sends the request and reads the header of the answer.
    asio::awaitable<Result<bool>> ask(std::string text) {
        auto url = parse_url(text);
        if (!url) co_return std::unexpected(std::move(url.error()));
        const Reach reach = request_.allow_private ? Reach::any : Reach::public_only;
        auto stream = co_await open_stream(executor_, clock_, tls_, *url, reach, stall());
        if (!stream) co_return std::unexpected(std::move(stream.error()));
        from_.stream = std::move(*stream);
        from_.rest = {};
        from_.buffer.resize(64 << 10);
        ClientRequest request;
        request.headers = {{"Accept", "*/*"}, {"Accept-Encoding", "identity"}};
        if (request_.offset > 0) {
            request.headers.add("Range", "bytes=" + std::to_string(request_.offset) + "-");
            if (!request_.if_range.empty()) request.headers.add("If-Range", request_.if_range);
        }
        const auto head = write_request_head(request, *url, user_agent_, true);
        if (!head) co_return std::unexpected(head.error());
        reader_.emplace(std::nullopt, false);
        auto done = co_await async::with_timeout<bool>(clock_, stall(), write_request(*from_.stream, *head, request));
        if (done && !was_cancelled(co_await asio::this_coro::cancellation_state)) {
            done = co_await async::with_timeout<bool>(clock_, stall(), read_header(from_, *reader_));
        }
        co_return done;
    }

    asio::awaitable<Result<bool>> store() {
        const auto placed = place(*reader_, request_);
        if (!placed) co_return std::unexpected(placed.error());
        if (auto begun = sink_.begin(reader_->headers(), placed->offset, placed->total); !begun) {
            co_return std::unexpected(std::move(begun.error()));
        }
        // The header may have come with the start of the body.
        if (const auto used = reader_->put(from_.rest); used) {
            from_.rest.remove_prefix(*used);
        } else {
            co_return std::unexpected(used.error());
        }
        std::uint64_t received = 0;
        for (;;) {
            const std::string bytes = reader_->take_body();
            received += bytes.size();
            if (request_.max_bytes > 0 && placed->offset + received > request_.max_bytes) {
                co_return fail(errc::too_large, "the file is too large");
            }
            if (!bytes.empty()) {
                auto written = co_await sink_.write(std::as_bytes(std::span(bytes)));
                if (!written) co_return std::unexpected(std::move(written.error()));
            }
            if (was_cancelled(co_await asio::this_coro::cancellation_state))
                co_return fail(errc::canceled, "the download was stopped");
            if (reader_->done() && bytes.empty()) break;
            const auto read = co_await async::with_timeout<bool>(clock_, stall(), read_more(from_, *reader_));
            if (!read) {
                // What came before the loss is good, and the next call goes on behind it.
                const std::string last = reader_->take_body();
                if (!last.empty()) {
                    auto written = co_await sink_.write(std::as_bytes(std::span(last)));
                    if (!written) co_return std::unexpected(std::move(written.error()));
                }
                co_return read;
            }
        }
        const bool short_body = placed->length && received != *placed->length;
        const bool short_whole = placed->total && placed->offset + received != *placed->total;
        if (short_body || short_whole) co_return fail(errc::connection_lost, "fewer bytes came than announced");
        co_return true;
    }

    asio::any_io_executor executor_;
    Clock& clock_;
    TlsContext& tls_;
    const std::string& user_agent_;
    DownloadRequest request_;
    Sink& sink_;
    ClientStream from_;
    std::optional<ResponseReader> reader_;
    bool complete_ = false;
};

}  // namespace

std::optional<ContentRange> parse_content_range(std::string_view text) {
    const auto take = [&](std::string_view until, std::uint64_t& out) {
        const std::size_t end = until.empty() ? text.size() : text.find(until);
        if (end == std::string_view::npos) return false;
        const auto number = text.substr(0, end);
        const auto [stop, error] = std::from_chars(number.data(), number.data() + number.size(), out);
        if (error != std::errc() || stop != number.data() + number.size() || number.empty()) return false;
        text.remove_prefix(end + until.size());
        return true;
    };
    constexpr std::string_view unit = "bytes ";
    if (!iequals(text.substr(0, unit.size()), unit)) return std::nullopt;
    text.remove_prefix(unit.size());
    ContentRange out;
    if (!take("-", out.first) || !take("/", out.last) || out.last < out.first) return std::nullopt;
    if (text == "*") return out;
    std::uint64_t total = 0;
    if (!take("", total) || total <= out.last) return std::nullopt;
    out.total = total;
    return out;
}

asio::awaitable<Result<Download>> run_download(asio::any_io_executor executor, Clock& clock, TlsContext& tls,
                                               const std::string& user_agent, DownloadRequest request, Sink& sink) {
    Transfer transfer(std::move(executor), clock, tls, user_agent, std::move(request), sink);
    co_return co_await transfer.run();
}

}  // namespace genq::http
