#include <gmock/gmock.h>

#include <algorithm>

#include "common/http/beast_transport.hpp"
#include "tests/integration/http/fixture.hpp"

namespace genq::http::test {
namespace {

namespace asio = boost::asio;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::uint64_t longest = 3'000'000;

std::optional<std::uint64_t> streams(const Request& head) {
    return head.target == "/stream" ? std::optional(longest) : std::nullopt;
}

/// Reads a body to its end and says how long it was, and whether its bytes were those of patterned().
asio::awaitable<Response> count(Request request) {
    if (request.stream == nullptr) co_return Response{.body = "gathered " + std::to_string(request.body.size())};
    std::uint64_t bytes = 0;
    bool right = true;
    for (;;) {
        const auto piece = co_await request.stream->next();
        if (!piece) co_return Response{.status = 400, .body = std::string(to_string(piece.error().code))};
        if (piece->empty()) break;
        for (const char c : *piece) right = right && c == static_cast<char>('a' + bytes++ % 23);
    }
    co_return Response{.body = "streamed " + std::to_string(bytes) + (right ? " right" : " wrong")};
}

std::string patterned(std::size_t bytes) {
    std::string text(bytes, ' ');
    for (std::size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>('a' + i % 23);
    return text;
}

/// A body that is made while it is read, in uneven pieces.
class Pattern final : public BodySource {
  public:
    explicit Pattern(std::uint64_t size, std::uint64_t breaks_at = ~0ULL) : size_(size), breaks_at_(breaks_at) {}
    [[nodiscard]] std::uint64_t size() const override { return size_; }
    asio::awaitable<Result<std::string>> read(std::uint64_t offset, std::size_t bytes) override {
        if (offset >= breaks_at_) co_return fail(errc::io, "the disk is broken");
        std::string piece(static_cast<std::size_t>(std::min<std::uint64_t>({bytes, size_ - offset, 70'001})), ' ');
        for (std::size_t i = 0; i < piece.size(); ++i) piece[i] = static_cast<char>('a' + (offset + i) % 23);
        co_return piece;
    }

  private:
    std::uint64_t size_;
    std::uint64_t breaks_at_;
};

Exchange post(LiveServer& live, ClientRequest request) {
    static SystemClock clock;
    LiveContext context;
    BeastTransport transport(context.io(), clock);
    request.method = "POST";
    request.url = live.url("/stream");
    return context.run(transport.send(std::move(request), clock.now() + 60s));
}

TEST(Streams, are_read_by_the_handler_piece_by_piece) {
    LiveServer live(count, {.max_body_bytes = 1000}, nullptr, streams);
    const auto exchange = post(live, {.source = std::make_shared<Pattern>(2'500'000)});
    ASSERT_TRUE(exchange.answer) << exchange.answer.error().detail;
    EXPECT_EQ(exchange.answer->body, "streamed 2500000 right");
    EXPECT_EQ(exchange.written, Written::fully);
}

TEST(Streams, leave_the_connection_for_the_next_request) {
    LiveServer live(count, {}, nullptr, streams);
    RawClient client(live.port());
    client.send(
        "POST /stream HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n3\r\nfgh\r\n0\r\n\r\n"
        "POST /plain HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
        "POST /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab");
    const auto all = client.read_all();
    EXPECT_THAT(all, HasSubstr("streamed 8 right"));
    EXPECT_THAT(all, HasSubstr("gathered 3"));
    EXPECT_THAT(all, HasSubstr("streamed 2 right"));
}

TEST(Streams, have_a_limit_of_their_own) {
    LiveServer live(count, {.max_body_bytes = 10}, nullptr, streams);
    RawClient announced(live.port());
    announced.send("POST /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 3000001\r\n\r\n");
    EXPECT_THAT(announced.read_all(), StartsWith("HTTP/1.1 413"));
    RawClient plain(live.port());
    plain.send("POST /plain HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n");
    EXPECT_THAT(plain.read_all(), StartsWith("HTTP/1.1 413"));
    RawClient chunked(live.port());
    chunked.send("POST /stream HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2DC6C1\r\n" +
                 patterned(3'000'001));
    EXPECT_THAT(chunked.read_until("too_large"), HasSubstr("HTTP/1.1 400"));
}

TEST(Streams, end_with_the_client) {
    LiveServer live(count, {}, nullptr, streams);
    RawClient client(live.port());
    client.send("POST /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
    client.finish();
    EXPECT_THAT(client.read_all(), HasSubstr("connection_lost"));
}

TEST(Streams, do_not_wait_for_ever_for_bytes) {
    LiveServer live(count, {.body_timeout = 50ms}, nullptr, streams);
    RawClient client(live.port());
    client.send("POST /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
    EXPECT_THAT(client.read_all(), HasSubstr("timeout"));
}

TEST(Streams, that_are_not_read_end_the_connection) {
    const auto refuse = [](Request) -> asio::awaitable<Response> { co_return Response{.status = 403, .body = "no"}; };
    LiveServer live(refuse, {}, nullptr, streams);
    RawClient client(live.port());
    client.send("POST /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + patterned(100'000));
    const auto all = client.read_all();
    EXPECT_THAT(all, StartsWith("HTTP/1.1 403"));
    EXPECT_THAT(all, HasSubstr("Connection: close"));
}

TEST(Streams, whose_source_fails_are_not_fully_written) {
    LiveServer live(count, {}, nullptr, streams);
    const auto exchange = post(live, {.source = std::make_shared<Pattern>(1'000'000, 300'000)});
    ASSERT_FALSE(exchange.answer);
    EXPECT_EQ(exchange.answer.error().code, errc::io);
    EXPECT_EQ(exchange.written, Written::partly);
}

}  // namespace
}  // namespace genq::http::test
