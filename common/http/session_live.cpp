#include <fmt/format.h>

#include <algorithm>

#include "common/http/session.hpp"

// The part of a session that sends bodies whose end nobody knows.
namespace genq::http {

namespace asio = boost::asio;

namespace {

/// How long a reader may take for what is left when the server stops.
constexpr std::chrono::milliseconds last_words_time{1'000};

/// Watches for the peer's end while it lives.
class CloseWatch {
  public:
    CloseWatch(Stream& stream, std::function<void()> closed) : stream_(stream) {
        stream_.watch_close(std::move(closed));
    }
    ~CloseWatch() { stream_.cancel(); }
    CloseWatch(const CloseWatch&) = delete;
    CloseWatch& operator=(const CloseWatch&) = delete;

  private:
    Stream& stream_;
};

}  // namespace

/// Sends what the answer's source gives, if it has one, until its end. False: the connection ends.
asio::awaitable<bool> Session::send_live() {
    if (!live_) co_return true;
    hold_little();
    if (state_.stopping) live_->stop();
    const CloseWatch watch(*stream_, [self = shared_from_this()] {
        self->peer_gone_ = true;
        if (self->live_) self->live_->stop();
    });
    for (bool more = true; more;) {
        no_deadline();
        std::string piece = co_await live_->next();
        more = !piece.empty();
        if (peer_gone_ || !co_await send_piece(std::move(piece))) {
            live_->broken_off(timed_out_);
            live_.reset();
            stream_->abort();
            ends_ = false;
            co_return false;
        }
    }
    live_.reset();
    co_return !ends_;
}

/// One piece of a source's body; "" is its end.
asio::awaitable<bool> Session::send_piece(std::string piece) {
    if (chunked_) {
        head_ = fmt::format("{:x}\r\n", piece.size());
        piece += "\r\n";
    } else {
        head_.clear();
    }
    set_deadline(state_.stopping ? last_words_time : state_.options.write_timeout);
    const std::size_t done = stream_->write_now(head_, piece, false);
    if (done == head_.size() + piece.size()) co_return true;
    const IoResult result = co_await stream_->write(head_, piece, done);
    co_return !result.error;
}

void Session::end_live() {
    live_->stop();
    // One that can't take what it is being sent may not hold up the end.
    const auto soon = (state_.coarse_now() + state_.tick + last_words_time).time_since_epoch().count();
    deadline_.store(std::min(deadline_.load(std::memory_order_relaxed), soon), std::memory_order_relaxed);
}

/// A connection may stand like this for days, and there may be thousands.
void Session::hold_little() {
    head_ = {};
    date_ = {};
    date_second_ = -1;
    if (begin_ == end_) {
        buffer_ = {};
        begin_ = end_ = 0;
    }
}

}  // namespace genq::http
