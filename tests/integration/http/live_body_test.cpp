#include <gmock/gmock.h>
#include <unistd.h>

#include <boost/asio/this_coro.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "common/async/signal.hpp"
#include "tests/integration/http/fixture.hpp"

namespace genq::http::test {
namespace {

namespace asio = boost::asio;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

/// What goes into a live body, and what became of it. Any thread.
class Tap {
  public:
    void push(std::string piece) {
        const std::lock_guard lock(mutex_);
        pieces_.push_back(std::move(piece));
        if (signal_ != nullptr) signal_->notify();
    }
    /// Each piece is given again and again.
    void run_over() {
        const std::lock_guard lock(mutex_);
        endless_ = true;
    }
    /// Waits until a body has gone; how: "ended", "slow" or "lost".
    std::string fate() {
        std::unique_lock lock(mutex_);
        EXPECT_TRUE(changed_.wait_for(lock, 20s, [this] { return !fate_.empty(); }));
        return fate_;
    }

  private:
    friend class TappedBody;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::string> pieces_;
    bool endless_ = false;
    bool stopped_ = false;
    async::Signal* signal_ = nullptr;
    std::string fate_;
};

class TappedBody final : public LiveBody {
  public:
    TappedBody(Tap& tap, asio::any_io_executor executor) : tap_(tap), signal_(std::move(executor), clock_) {
        const std::lock_guard lock(tap_.mutex_);
        tap_.signal_ = &signal_;
    }
    ~TappedBody() override {
        const std::lock_guard lock(tap_.mutex_);
        tap_.signal_ = nullptr;
        if (tap_.fate_.empty()) tap_.fate_ = "ended";
        tap_.changed_.notify_all();
    }
    asio::awaitable<std::string> next() override {
        for (;;) {
            {
                const std::lock_guard lock(tap_.mutex_);
                if (tap_.stopped_) co_return "";
                if (!tap_.pieces_.empty()) {
                    std::string piece = tap_.pieces_.front();
                    if (!tap_.endless_) tap_.pieces_.pop_front();
                    co_return piece;
                }
            }
            co_await signal_.wait_until(SteadyTime::max());
        }
    }
    void stop() override {
        const std::lock_guard lock(tap_.mutex_);
        tap_.stopped_ = true;
        signal_.notify();
    }
    void broken_off(bool slow) override {
        const std::lock_guard lock(tap_.mutex_);
        tap_.fate_ = slow ? "slow" : "lost";
    }

  private:
    Tap& tap_;
    SystemClock clock_;
    async::Signal signal_;
};

asio::awaitable<Response> answer(Tap& tap) {
    co_return Response{.headers = {{"Content-Type", "text/event-stream"}},
                       .body = std::make_unique<TappedBody>(tap, co_await asio::this_coro::executor)};
}

Handler from(Tap& tap) {
    return [&tap](Request) { return answer(tap); };
}

TEST(LiveBody, comes_in_chunks_as_it_is_made_and_the_connection_stays) {
    Tap tap;
    LiveServer live(from(tap), {.write_timeout = 1s});
    RawClient client(live.port());
    client.send(get("/1"));
    const auto head = client.read_until("\r\n\r\n");
    EXPECT_THAT(head, HasSubstr("\r\nTransfer-Encoding: chunked\r\n"));
    EXPECT_THAT(head, Not(HasSubstr("Content-Length")));
    EXPECT_THAT(head, Not(HasSubstr("Connection")));
    tap.push("hello, world");
    EXPECT_EQ(client.read_until("world\r\n"), "c\r\nhello, world\r\n");
    tap.push("b");
    EXPECT_EQ(client.read_until("b\r\n"), "1\r\nb\r\n");
    tap.push("");
    EXPECT_EQ(client.read_until("0\r\n\r\n"), "0\r\n\r\n");
    EXPECT_EQ(tap.fate(), "ended");
    client.send(get("/2", "Connection: close\r\n"));
    EXPECT_THAT(client.read_until("\r\n\r\n"), HasSubstr("\r\nConnection: close\r\n"));
    tap.push("once more");
    tap.push("");
    EXPECT_EQ(client.read_all(), "9\r\nonce more\r\n0\r\n\r\n");
}

TEST(LiveBody, answers_what_was_pipelined_behind_it) {
    Tap tap;
    LiveServer live([&tap](Request request) -> asio::awaitable<Response> {
        if (request.target == "/echo") return echo(std::move(request));
        return from(tap)(std::move(request));
    });
    RawClient client(live.port());
    client.send(get("/live") + get("/echo", "Connection: close\r\n"));
    client.read_until("\r\n\r\n");
    tap.push("x");
    tap.push("");
    EXPECT_THAT(client.read_until("0\r\n\r\n"), HasSubstr("x"));
    EXPECT_THAT(client.read_all(), EndsWith("GET /echo "));
}

TEST(LiveBody, ends_with_the_connection_in_http_1_0) {
    Tap tap;
    LiveServer live(from(tap));
    RawClient client(live.port());
    client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const auto head = client.read_until("\r\n\r\n");
    EXPECT_THAT(head, Not(HasSubstr("Transfer-Encoding")));
    EXPECT_THAT(head, HasSubstr("\r\nConnection: close\r\n"));
    tap.push("as it is");
    tap.push("");
    EXPECT_EQ(client.read_all(), "as it is");
}

TEST(LiveBody, has_the_same_head_for_head) {
    Tap tap;
    LiveServer live(from(tap));
    RawClient client(live.port());
    client.send("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const auto all = client.read_all();
    EXPECT_THAT(all, HasSubstr("\r\nTransfer-Encoding: chunked\r\n"));
    EXPECT_THAT(all, EndsWith("\r\n\r\n"));
    EXPECT_EQ(tap.fate(), "ended");
}

TEST(LiveBody, outlives_the_times_that_hold_for_requests) {
    Tap tap;
    LiveServer live(from(tap), {.header_timeout = 20ms, .body_timeout = 20ms, .idle_timeout = 20ms});
    RawClient client(live.port());
    client.send(get("/"));
    client.read_until("\r\n\r\n");
    // A connection that only idles ends meanwhile: the times have passed for the body's connection too.
    RawClient idle(live.port());
    EXPECT_EQ(idle.read_all(), "");
    tap.push("still here");
    EXPECT_THAT(client.read_until("here\r\n"), HasSubstr("still here"));
}

TEST(LiveBody, goes_over_a_unix_socket) {
    Tap tap;
    const std::string path = ::testing::TempDir() + "genq_live_" + std::to_string(::getpid()) + ".sock";
    LiveServer live(from(tap), {.listen = {"unix:" + path}});
    RawClient client(path);
    client.send(get("/"));
    client.read_until("\r\n\r\n");
    tap.push("by file");
    EXPECT_EQ(client.read_until("file\r\n"), "7\r\nby file\r\n");
}

TEST(LiveBody, is_cut_off_when_its_reader_does_not_read) {
    Tap tap;
    tap.push(std::string(256 << 10, 'x'));
    tap.run_over();
    LiveServer live(from(tap), {.write_timeout = 50ms});
    RawClient client(live.port());
    client.send(get("/"));
    EXPECT_EQ(tap.fate(), "slow");
    EXPECT_THAT(client.read_all(), Not(EndsWith("0\r\n\r\n")));
}

TEST(LiveBody, ends_when_its_reader_goes) {
    Tap tap;
    LiveServer live(from(tap));
    {
        RawClient client(live.port());
        client.send(get("/"));
        client.read_until("\r\n\r\n");
    }
    EXPECT_EQ(tap.fate(), "lost") << "though nothing is sent";
}

TEST(LiveBody, finds_by_its_writes_that_its_reader_is_gone) {
    Tap tap;
    LiveServer live(from(tap));
    {
        RawClient client(live.port());
        // Bytes behind the request end the watch for the connection's end.
        client.send(get("/") + "G");
        client.read_until("\r\n\r\n");
    }
    tap.run_over();
    tap.push("the first write is answered with a reset");
    EXPECT_EQ(tap.fate(), "lost");
}

TEST(LiveBody, ends_whole_when_the_server_stops) {
    Tap tap;
    LiveServer live(from(tap));
    RawClient client(live.port());
    client.send(get("/"));
    client.read_until("\r\n\r\n");
    tap.push("a");
    client.read_until("a\r\n");
    live.stop(20s);
    EXPECT_EQ(client.read_all(), "0\r\n\r\n");
}

TEST(LiveBody, of_a_reader_that_does_not_read_holds_up_no_stop) {
    Tap tap;
    tap.push(std::string(256 << 10, 'x'));
    tap.run_over();
    LiveServer live(from(tap), {.write_timeout = 1h});
    RawClient client(live.port());
    client.send(get("/"));
    client.read_until("xxxx");
    live.stop(1h);
    EXPECT_EQ(tap.fate(), "slow");
}

}  // namespace
}  // namespace genq::http::test
