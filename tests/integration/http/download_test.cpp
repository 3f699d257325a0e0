#include <gmock/gmock.h>

#include "common/http/beast_transport.hpp"
#include "tests/integration/http/fixture.hpp"
#include "tests/integration/http/script_server.hpp"

namespace genq::http::test {
namespace {

namespace asio = boost::asio;
using ::testing::HasSubstr;
using ::testing::Not;

class MemorySink final : public Sink {
  public:
    Result<void> begin(const Fields&, std::uint64_t at, std::optional<std::uint64_t> whole) override {
        ++begun;
        total = whole;
        bytes.resize(at);
        return {};
    }
    asio::awaitable<Result<void>> write(std::span<const std::byte> piece) override {
        for (const std::byte b : piece) bytes += static_cast<char>(b);
        co_return Result<void>();
    }

    int begun = 0;
    std::string bytes;
    std::optional<std::uint64_t> total;
};

class Downloads : public ::testing::Test {
  protected:
    Result<Download> fetch(DownloadRequest request) {
        request.allow_private = true;
        return context.run(transport.download(std::move(request), sink));
    }

    SystemClock clock;
    LiveContext context;
    BeastTransport transport{context.io(), clock};
    MemorySink sink;
};

std::string file_of(std::size_t size) {
    std::string out;
    for (std::size_t i = 0; out.size() < size; ++i) out += std::to_string(i) + ",";
    out.resize(size);
    return out;
}

TEST_F(Downloads, streams_a_file_into_the_sink) {
    LiveServer live([](Request) -> asio::awaitable<Response> { co_return Response{.body = file_of(1'000'000)}; });
    const auto done = fetch({.url = live.url("/f")});
    ASSERT_TRUE(done) << done.error().detail;
    EXPECT_EQ(done->status, 200);
    EXPECT_TRUE(done->complete);
    EXPECT_EQ(sink.total, 1'000'000u);
    EXPECT_EQ(sink.bytes, file_of(1'000'000));
}

TEST_F(Downloads, goes_on_where_a_reset_broke_it_off) {
    const std::string file = file_of(100'000);
    ScriptServer server([&, asked = 0](ScriptServer::Peer& peer) mutable {
        const std::string request = peer.read_request();
        if (asked++ == 0) {
            peer.send("HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 100000\r\n\r\n" + file.substr(0, 60'000));
            peer.close();
            return;
        }
        EXPECT_THAT(request, HasSubstr("If-Range: \"v1\"\r\n"));
        EXPECT_THAT(request, Not(HasSubstr("Authorization")));
        const std::size_t at = request.find("bytes=") + 6;
        const std::size_t from = std::stoul(request.substr(at));
        peer.send("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " + std::to_string(from) +
                  "-99999/100000\r\nContent-Length: " + std::to_string(100'000 - from) + "\r\n\r\n" +
                  file.substr(from));
        peer.close();
    });
    const auto broken = fetch({.url = server.url("/f")});
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().code, errc::connection_lost);
    EXPECT_EQ(sink.bytes, file.substr(0, 60'000));
    const auto done = fetch({.url = server.url("/f"), .offset = sink.bytes.size(), .if_range = "\"v1\""});
    ASSERT_TRUE(done) << done.error().detail;
    EXPECT_EQ(done->status, 206);
    EXPECT_TRUE(done->complete);
    EXPECT_EQ(sink.bytes, file);
}

TEST_F(Downloads, starts_over_when_the_server_ignores_the_range) {
    LiveServer live([](Request) -> asio::awaitable<Response> { co_return Response{.body = "whole"}; });
    sink.bytes = "old";
    const auto done = fetch({.url = live.url("/f"), .offset = 3, .if_range = "\"v1\""});
    ASSERT_TRUE(done) << done.error().detail;
    EXPECT_EQ(sink.bytes, "whole");
}

TEST_F(Downloads, hands_other_statuses_back_without_bytes) {
    LiveServer live([](Request) -> asio::awaitable<Response> { co_return Response{.status = 404, .body = "no"}; });
    const auto done = fetch({.url = live.url("/f")});
    ASSERT_TRUE(done);
    EXPECT_EQ(done->status, 404);
    EXPECT_FALSE(done->complete);
    EXPECT_EQ(sink.begun, 0);
}

TEST_F(Downloads, follows_redirections_up_to_the_limit) {
    LiveServer live([](Request request) -> asio::awaitable<Response> {
        if (request.target == "/end") co_return Response{.body = "there"};
        if (request.target == "/loop") co_return Response{.status = 302, .headers = {{"Location", "/loop"}}};
        co_return Response{.status = 307, .headers = {{"Location", "end"}}};
    });
    ASSERT_TRUE(fetch({.url = live.url("/start")}));
    EXPECT_EQ(sink.bytes, "there");
    EXPECT_FALSE(fetch({.url = live.url("/loop")}));
}

TEST_F(Downloads, refuses_private_addresses_and_other_schemes) {
    LiveServer live(echo);
    for (const std::string& url : {live.url("/"), std::string("http://localhost:1/"), std::string("http://[::1]/"),
                                   std::string("http://169.254.169.254/"), std::string("http://[::ffff:10.0.0.1]/")}) {
        const auto done = context.run(transport.download({.url = url}, sink));
        ASSERT_FALSE(done) << url;
        EXPECT_EQ(done.error().code, errc::forbidden) << url << ": " << done.error().detail;
    }
    EXPECT_EQ(fetch({.url = "file:///etc/passwd"}).error().code, errc::invalid_argument);
    LiveServer sly([](Request) -> asio::awaitable<Response> {
        co_return Response{.status = 302, .headers = {{"Location", "ftp://example.com/x"}}};
    });
    EXPECT_EQ(fetch({.url = sly.url("/")}).error().code, errc::invalid_argument);
    EXPECT_EQ(live.server().connections(), 0u);
}

TEST_F(Downloads, stops_at_the_size_limit) {
    LiveServer known([](Request) -> asio::awaitable<Response> { co_return Response{.body = std::string(101, 'x')}; });
    EXPECT_EQ(fetch({.url = known.url("/"), .max_bytes = 100}).error().code, errc::too_large);
    EXPECT_EQ(sink.begun, 0);
    ScriptServer unknown([](ScriptServer::Peer& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\n\r\n" + std::string(101, 'x'));
        peer.close();
    });
    EXPECT_EQ(fetch({.url = unknown.url("/"), .max_bytes = 100}).error().code, errc::too_large);
}

TEST_F(Downloads, gives_up_when_no_bytes_come) {
    ScriptServer server([](ScriptServer::Peer& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
        peer.wait_for_hangup();
    });
    const auto done = fetch({.url = server.url("/"), .stall = 1s});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, errc::timeout);
    EXPECT_EQ(sink.bytes, "abc");
}

TEST_F(Downloads, refuses_another_range_than_asked_for) {
    ScriptServer server([](ScriptServer::Peer& peer) {
        peer.read_request();
        peer.send(
            "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-9/10\r\nContent-Length: 10\r\n\r\n0123456789");
        peer.close();
    });
    EXPECT_EQ(fetch({.url = server.url("/"), .offset = 5}).error().code, errc::malformed);
}

}  // namespace
}  // namespace genq::http::test
