#include "common/http/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>
#include <cstring>

#include "common/async/enter.hpp"
#include "common/core/rfc3339.hpp"
#include "common/http/response_head.hpp"

namespace genq::http {

namespace asio = boost::asio;

namespace {

constexpr SteadyTime::rep never = SteadyTime::max().time_since_epoch().count();
constexpr std::size_t small_buffer = 8 << 10;
constexpr std::size_t large_buffer = 64 << 10;
/// How long and how far a closing connection reads on: closing with unread bytes would reset it, and the reset could
/// overtake our last answer.
constexpr std::chrono::milliseconds goodbye_time{1'000};
constexpr std::size_t goodbye_bytes = 4 << 20;

std::unique_ptr<Stream> make_stream(ServerState& state, Socket socket) {
    if (state.tls && socket.local_endpoint().protocol().family() != AF_UNIX) {
        return make_tls_server_stream(std::move(socket), *state.tls, *state.files);
    }
    return make_plain_stream(std::move(socket));
}

/// Shortens a body whose head is written already: Content-Length stays as it was.
void cut_body(Response& response, std::uint64_t bytes) {
    if (auto* file = std::get_if<FileBody>(&response.body)) {
        file->length = std::min(file->length, bytes);
    } else if (auto& text = std::get<std::string>(response.body); text.size() > bytes) {
        text.resize(static_cast<std::size_t>(bytes));
    }
}

}  // namespace

Session::Session(ServerState& state, asio::any_io_executor strand, Socket socket, std::string peer, bool overloaded)
    : state_(state),
      strand_(std::move(strand)),
      stream_(make_stream(state, std::move(socket))),
      peer_(std::move(peer)),
      overloaded_(overloaded),
      reader_(state.options.max_header_bytes, state.options.max_body_bytes, state.streams),
      buffer_(small_buffer),
      deadline_(never) {}

asio::awaitable<void> Session::run() {
    if (stream_->tls()) {
        set_deadline(state_.options.header_timeout);
        if (co_await stream_->handshake()) co_return;
    }
    if (overloaded_) {
        co_await refuse(503, "too many connections");
        co_return;
    }
    while (co_await await_request() && co_await read_request() && co_await answer() && co_await send_live()) {
        reader_.start();
    }
    if (ends_) co_await say_goodbye();
}

/// Waits for the first byte of a request. False: there will be none.
asio::awaitable<bool> Session::await_request() {
    if (begin_ != end_) co_return true;
    if (state_.stopping) co_return false;
    set_deadline(state_.options.idle_timeout);
    idle_ = true;
    const IoResult result = co_await fill();
    idle_ = false;
    co_return !result.error;
}

/// Reads the request whole, or its header if its body is streamed. False: there is nothing more to do for this
/// connection.
asio::awaitable<bool> Session::read_request() {
    set_deadline(state_.options.header_timeout);
    bool in_header = true;
    for (;;) {
        const std::size_t used = reader_.put(unread());
        begin_ += used;
        if (const auto& refused = reader_.refused()) {
            co_await refuse(refused->status, std::string(refused->detail));
            co_return false;
        }
        if (reader_.done()) co_return true;
        if (in_header && reader_.header_done()) {
            in_header = false;
            set_deadline(state_.options.body_timeout);
            if (reader_.expects_continue() && begin_ == end_) {
                if (auto final_answer = turned_away()) {
                    co_await end_with(std::move(*final_answer));
                    co_return false;
                }
                const IoResult sent = co_await stream_->write("HTTP/1.1 100 Continue\r\n\r\n", {}, 0);
                if (sent.error) co_return false;
            }
            if (reader_.streamed()) co_return true;
        }
        if (used > 0 && begin_ != end_) continue;
        const IoResult result = co_await fill();
        if (timed_out_) {
            co_await refuse(408, in_header ? "the request header took too long" : "the request body took too long");
            co_return false;
        }
        if (result.error == asio::error::no_buffer_space) {
            co_await refuse(400, "a chunk's header is too large");
            co_return false;
        }
        if (result.error) co_return false;
    }
}

/// The next bytes of a streamed body.
asio::awaitable<Result<std::string>> Session::next() {
    for (;;) {
        if (const auto& refused = reader_.refused()) {
            co_return fail(refused->status == 413 ? errc::too_large : errc::malformed, std::string(refused->detail));
        }
        auto piece = reader_.take_body();
        if (!piece.empty() || reader_.done()) co_return piece;
        const std::size_t used = reader_.put(unread());
        begin_ += used;
        if (used > 0 || reader_.refused()) continue;
        set_deadline(state_.options.body_timeout);
        const IoResult result = co_await fill();
        const bool late = timed_out_;
        no_deadline();
        if (late) co_return fail(errc::timeout, "the request body took too long");
        if (result.error) co_return fail(errc::connection_lost, "the client has gone: " + result.error.message());
    }
}

/// Has the request answered, but for a body from a source. False: the connection ends.
asio::awaitable<bool> Session::answer() {
    no_deadline();
    Request request = reader_.take();
    const bool is_head = request.method == "HEAD";
    request.peer = peer_;
    request.tls = stream_->tls();
    if (reader_.streamed()) request.stream = this;
    std::optional<Response> response;
    try {
        response = co_await state_.handler(std::move(request));
    } catch (const boost::system::system_error& error) {
        if (error.code() == asio::error::operation_aborted) throw;
        state_.log(fmt::format("a handler failed: {}", error.what()));
    } catch (const std::exception& error) {
        state_.log(fmt::format("a handler failed: {}", error.what()));
    }
    if (!response) {
        stream_->abort();
        co_return false;
    }
    if (response->abort) {
        stream_->abort();
        co_return false;
    }
    const auto cut_after = response->cut_after;
    // What the handler left unread of a body can't be told from the next request.
    const bool is_live = has_live_body(*response);
    chunked_ = !reader_.http_1_0();
    const bool close = state_.draining || state_.stopping || !reader_.keep_alive() || !reader_.done() ||
                       cut_after.has_value() || (is_live && !chunked_);
    write_head(head_, *response,
               {.date = date(), .head_request = is_head, .close = close, .http_1_0 = reader_.http_1_0()});
    if (cut_after) cut_body(*response, *cut_after);
    if (is_live && sends_body(*response, is_head)) {
        live_ = std::move(std::get<std::unique_ptr<LiveBody>>(response->body));
    }
    if (!co_await send(std::move(*response), is_head)) co_return false;
    ends_ = close;
    co_return !close || live_ != nullptr;
}

/// Sends what stands in head_, and the body. False: the connection is of no more use.
asio::awaitable<bool> Session::send(Response response, bool is_head) {
    set_deadline(state_.options.write_timeout);
    const bool with_body = sends_body(response, is_head) && !has_live_body(response);
    auto* file = std::get_if<FileBody>(&response.body);
    std::string_view body;
    if (with_body && file == nullptr) body = std::get<std::string>(response.body);
    const std::size_t total = head_.size() + body.size();
    // Nearly always the kernel takes all at once, and no trip through the reactor is needed.
    const std::size_t done = stream_->write_now(head_, body, with_body && file != nullptr);
    bool sent = done == total;
    if (!sent) {
        const IoResult result = co_await stream_->write(head_, body, done);
        sent = !result.error;
    }
    if (sent && with_body && file != nullptr) sent = co_await send_file(std::move(*file));
    if (!sent) stream_->abort();
    co_return sent;
}

asio::awaitable<bool> Session::send_file(FileBody body) {
    std::uint64_t slices = 0;
    while (body.length > 0) {
        set_deadline(state_.options.write_timeout);
        const IoResult result = co_await stream_->write_file(body.file->fd(), body.offset, body.length);
        if (!result.error && result.bytes == 0) {
            state_.log("a file is shorter than its announced length; the connection is reset");
            co_return false;
        }
        if (result.error || timed_out_) co_return false;
        body.offset += result.bytes;
        body.length -= result.bytes;
        // A fast reader must not keep this thread for itself.
        if (++slices % 4 == 0) co_await async::enter(strand_);
    }
    co_return true;
}

/// Answers what no handler sees, and ends the connection.
asio::awaitable<void> Session::refuse(int status, std::string detail) {
    co_await end_with(state_.refusal(status, detail, reader_.head().target));
}

asio::awaitable<void> Session::end_with(Response response) {
    const bool is_head = reader_.is_head();
    write_head(head_, response, {.date = date(), .head_request = is_head, .close = true});
    if (co_await send(std::move(response), is_head)) co_await say_goodbye();
}

std::optional<Response> Session::turned_away() {
    if (!state_.gate) return std::nullopt;
    Request head = reader_.head();
    head.peer = peer_;
    head.tls = stream_->tls();
    return state_.gate(std::move(head));
}

asio::awaitable<void> Session::say_goodbye() {
    set_deadline(goodbye_time);
    co_await stream_->shutdown();
    buffer_.resize(std::max(buffer_.size(), small_buffer));
    std::size_t dropped = 0;
    while (!timed_out_ && dropped < goodbye_bytes) {
        const IoResult result = co_await stream_->read_some(asio::buffer(buffer_));
        if (result.error) break;
        dropped += result.bytes;
    }
}

/// Reads more into the buffer. Header and chunk headers have limits of their own, so a full buffer is an attack.
asio::awaitable<IoResult> Session::fill() {
    if (begin_ == end_) begin_ = end_ = 0;
    if (buffer_.empty()) buffer_.resize(small_buffer);
    const bool large = reader_.missing_bytes().value_or(0) > small_buffer;
    if (large && buffer_.size() < large_buffer) buffer_.resize(large_buffer);
    if (end_ == buffer_.size() && begin_ > 0) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    if (end_ == buffer_.size()) {
        if (buffer_.size() > state_.options.max_header_bytes + large_buffer) {
            co_return IoResult{asio::error::no_buffer_space, 0};
        }
        buffer_.resize(buffer_.size() * 2);
    }
    const IoResult result = co_await stream_->read_some(asio::buffer(buffer_.data() + end_, buffer_.size() - end_));
    end_ += result.bytes;
    co_return result;
}

void Session::set_deadline(std::chrono::milliseconds from_now) {
    timed_out_ = false;
    // The time is up to a tick old, so a tick is added: never too early, at most two ticks late.
    deadline_.store((state_.coarse_now() + state_.tick + from_now).time_since_epoch().count(),
                    std::memory_order_relaxed);
}

void Session::no_deadline() {
    deadline_.store(never, std::memory_order_relaxed);
}

void Session::check_deadline(SteadyTime now) {
    if (now.time_since_epoch().count() < deadline_.load(std::memory_order_relaxed)) return;
    asio::post(strand_, [self = shared_from_this(), now] {
        // The wait may have ended meanwhile, and another begun.
        if (now.time_since_epoch().count() < self->deadline_.load(std::memory_order_relaxed)) return;
        self->no_deadline();
        self->timed_out_ = true;
        self->stream_->cancel();
    });
}

void Session::drain() {
    asio::post(strand_, [self = shared_from_this()] {
        if (self->idle_) self->stream_->cancel();
        if (self->live_) self->end_live();
    });
}

void Session::cancel() {
    asio::post(strand_, [self = shared_from_this()] { self->cancellation_.emit(asio::cancellation_type::terminal); });
}

std::string_view Session::date() {
    const std::int64_t ms = state_.wall_ms.load(std::memory_order_relaxed);
    if (ms / 1000 != date_second_) {
        date_second_ = ms / 1000;
        date_ = to_http_date(from_ms(ms));
    }
    return date_;
}

}  // namespace genq::http
