#include <gmock/gmock.h>
#include <sys/socket.h>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "common/http/beast_transport.hpp"
#include "tests/integration/http/fixture.hpp"
#include "tests/integration/http/script_server.hpp"

namespace genq::http::test {
namespace {

namespace asio = boost::asio;
using ::testing::HasSubstr;

/// A client whose requests end after a generous time, or a short one.
class Client {
  public:
    explicit Client(TransportOptions options = {}) : transport(context.io(), clock, std::move(options)) {}

    Exchange send(ClientRequest request, std::chrono::milliseconds limit = 20s) {
        return context.run(transport.send(std::move(request), clock.now() + limit));
    }
    Exchange get(const std::string& url, std::chrono::milliseconds limit = 20s) {
        return send({.method = "GET", .url = url}, limit);
    }

    SystemClock clock;
    LiveContext context;
    BeastTransport transport;
};

TEST(Client, sends_a_request_and_reads_the_answer) {
    LiveServer live(echo);
    Client client;
    const auto exchange = client.send({.method = "POST", .url = live.url("/a?b=c"), .body = "text"});
    ASSERT_TRUE(exchange.answer) << exchange.answer.error().detail;
    EXPECT_EQ(exchange.answer->status, 200);
    EXPECT_EQ(exchange.answer->body, "POST /a?b=c text");
    EXPECT_EQ(exchange.answer->headers.get("content-type"), "text/plain");
    EXPECT_EQ(exchange.written, Written::fully);
}

TEST(Client, uses_a_connection_again) {
    LiveServer live(echo);
    Client client;
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(client.get(live.url("/")).answer);
    EXPECT_EQ(live.server().connections(), 1u);
    EXPECT_EQ(client.transport.idle_connections(), 1u);
}

TEST(Client, gives_an_unused_connection_back) {
    LiveServer live(echo);
    Client client;
    {
        const auto connection = client.context.run(client.transport.connect(live.url("/"), client.clock.now() + 20s));
        ASSERT_TRUE(connection);
    }
    EXPECT_EQ(client.transport.idle_connections(), 1u);
}

TEST(Client, never_uses_a_connection_that_the_server_has_closed) {
    Client client;
    ScriptServer server([](ScriptServer::Peer& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        peer.close();
    });
    for (int i = 0; i < 3; ++i) {
        const auto exchange = client.get(server.url("/"));
        ASSERT_TRUE(exchange.answer) << exchange.answer.error().detail;
        server.wait_for_closes(i + 1);
    }
}

TEST(Client, says_that_nothing_was_written_when_nobody_listens) {
    std::uint16_t port = 0;
    {
        LiveServer gone(echo);
        port = gone.port();
    }
    Client client;
    const auto exchange = client.get("http://127.0.0.1:" + std::to_string(port) + "/");
    ASSERT_FALSE(exchange.answer);
    EXPECT_EQ(exchange.answer.error().code, errc::unreachable);
    EXPECT_EQ(exchange.written, Written::nothing);
}

TEST(Client, says_that_all_was_written_when_the_answer_is_lost) {
    Client client;
    ScriptServer server([](ScriptServer::Peer& peer) {
        peer.read_request();
        peer.reset();
    });
    const auto exchange = client.send({.method = "POST", .url = server.url("/"), .body = "x"});
    ASSERT_FALSE(exchange.answer);
    EXPECT_EQ(exchange.answer.error().code, errc::connection_lost);
    EXPECT_EQ(exchange.written, Written::fully);
}

TEST(Client, ends_at_the_deadline_with_what_was_written) {
    Client client;
    ScriptServer silent([](ScriptServer::Peer& peer) {
        peer.read_request();
        peer.read_to_end();
    });
    const auto whole = client.get(silent.url("/"), 100ms);
    ASSERT_FALSE(whole.answer);
    EXPECT_EQ(whole.answer.error().code, errc::timeout);
    EXPECT_EQ(whole.written, Written::fully);
    silent.wait_for_closes(1);  // the reset has reached the peer

    ScriptServer deaf([](ScriptServer::Peer& peer) { peer.wait_for_hangup(); });
    const auto part = client.send({.method = "POST", .url = deaf.url("/"), .body = std::string(64 << 20, 'x')}, 100ms);
    ASSERT_FALSE(part.answer);
    EXPECT_EQ(part.answer.error().code, errc::timeout);
    EXPECT_EQ(part.written, Written::partly);
}

struct Bad {
    std::string answer;
    errc code;
};

TEST(Client, tells_bad_answers_apart) {
    Client client({.max_response_bytes = 100});
    const std::vector<Bad> cases{
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", errc::connection_lost},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n", errc::connection_lost},
        {"HTTP/1.1 20", errc::connection_lost},
        {"", errc::connection_lost},
        {"SSH-2.0-OpenSSH_9.2\r\n\r\n", errc::malformed},
        {"HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", errc::too_large},
        {"HTTP/1.1 200 OK\r\n\r\n" + std::string(101, 'x'), errc::too_large},
    };
    for (const Bad& bad : cases) {
        ScriptServer server([answer = bad.answer](ScriptServer::Peer& peer) {
            peer.read_request();
            peer.send(answer);
            peer.close();
        });
        const auto exchange = client.get(server.url("/"));
        ASSERT_FALSE(exchange.answer) << bad.answer;
        EXPECT_EQ(exchange.answer.error().code, bad.code) << bad.answer << exchange.answer.error().detail;
    }
}

TEST(Client, skips_interim_answers_and_reads_to_the_end_without_a_length) {
    Client client;
    ScriptServer server([](ScriptServer::Peer& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\nall of it");
        peer.close();
    });
    const auto exchange = client.get(server.url("/"));
    ASSERT_TRUE(exchange.answer) << exchange.answer.error().detail;
    EXPECT_EQ(exchange.answer->body, "all of it");
}

TEST(Client, refuses_fields_that_would_make_others) {
    LiveServer live(echo);
    Client client;
    const auto exchange = client.send({.method = "GET", .url = live.url("/"), .headers = {{"A", "1\r\nB: 2"}}});
    ASSERT_FALSE(exchange.answer);
    EXPECT_EQ(exchange.answer.error().code, errc::invalid_argument);
    EXPECT_EQ(exchange.written, Written::nothing);
}

}  // namespace
}  // namespace genq::http::test
