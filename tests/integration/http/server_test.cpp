#include <gmock/gmock.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "tests/integration/http/fixture.hpp"

namespace genq::http::test {
namespace {

namespace asio = boost::asio;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(Server, keeps_the_connection_alive) {
    LiveServer live(echo);
    RawClient client(live.port());
    for (int i = 0; i < 3; ++i) {
        client.send(get("/a"));
        const std::string answer = client.read_until("GET /a ");
        EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\nServer: genqd\r\nDate: "));
        EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: 7\r\n"));
        EXPECT_THAT(answer, Not(HasSubstr("Connection")));
    }
    EXPECT_EQ(live.server().connections(), 1u);
}

TEST(Server, answers_pipelined_requests_in_order) {
    LiveServer live(echo);
    RawClient client(live.port());
    client.send(get("/1") + "\r\n" + "POST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc" +
                get("/3", "Connection: close\r\n"));
    const std::string all = client.read_all();
    const std::size_t first = all.find("GET /1 ");
    const std::size_t second = all.find("POST /2 abc");
    const std::size_t third = all.find("GET /3 ");
    EXPECT_LT(first, second);
    EXPECT_LT(second, third);
    EXPECT_NE(third, std::string::npos);
    EXPECT_THAT(all, HasSubstr("Connection: close"));
}

TEST(Server, answers_head_with_the_length_and_no_body) {
    LiveServer live(echo);
    RawClient client(live.port());
    client.send("HEAD /abc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const std::string all = client.read_all();
    EXPECT_THAT(all, HasSubstr("Content-Length: 10\r\n"));
    EXPECT_THAT(all, EndsWith("\r\n\r\n"));
}

TEST(Server, closes_after_http_1_0_unless_asked_not_to) {
    LiveServer live(echo);
    RawClient closing(live.port());
    closing.send("GET /x HTTP/1.0\r\n\r\n");
    EXPECT_THAT(closing.read_all(), HasSubstr("Connection: close"));
    RawClient staying(live.port());
    staying.send("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_THAT(staying.read_until("GET /x "), HasSubstr("Connection: keep-alive"));
}

TEST(Server, reads_chunked_bodies) {
    LiveServer live(echo);
    RawClient client(live.port());
    client.send("POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5;a=b\r\nhel");
    client.send("lo\r\n1\r\n!\r\n0\r\nX-Trailer: 1\r\n\r\n");
    EXPECT_THAT(client.read_all(), EndsWith("POST /c hello!"));
}

TEST(Server, takes_a_body_of_the_full_size_allowed) {
    LiveServer live(echo, {.max_body_bytes = 300'000});
    RawClient client(live.port());
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\nConnection: close\r\n\r\n" +
                std::string(300'000, 'b'));
    EXPECT_THAT(client.read_all(), HasSubstr("\r\nContent-Length: 300007\r\n"));
}

TEST(Server, says_continue_only_to_a_body_that_it_will_take) {
    LiveServer live(echo, {.max_body_bytes = 10});
    RawClient good(live.port());
    good.send("POST /c HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(good.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    good.send("ok");
    EXPECT_THAT(good.read_until("POST /c ok"), StartsWith("HTTP/1.1 200 OK"));
    RawClient large(live.port());
    large.send("POST /c HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_THAT(large.read_all(), StartsWith("HTTP/1.1 413 "));
    RawClient odd(live.port());
    odd.send(get("/", "Expect: the-unexpected\r\n"));
    EXPECT_THAT(odd.read_all(), StartsWith("HTTP/1.1 417 "));
}

struct Refused {
    std::string request;
    std::string status;
};

TEST(Server, refuses_what_it_must_not_take) {
    LiveServer live(echo, {.max_body_bytes = 10});
    const std::string host = "Host: x\r\n";
    const std::vector<Refused> cases{
        {"POST / HTTP/1.1\r\n" + host + "Content-Length: 11\r\n\r\nhello world", "413"},
        {"POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n0\r\n\r\n", "413"},
        {"POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n", "501"},
        {"POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip\r\n\r\n", "501"},
        {"POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", "400"},
        {"POST / HTTP/1.1\r\n" + host + "Content-Length: 3\r\nContent-Length: 4\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\n" + host + host + "\r\n", "400"},
        {"GET / HTTP/2.0\r\n" + host + "\r\n", "505"},
        {"GET / SMTP/1.1\r\n" + host + "\r\n", "400"},
        {"GET /\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\n" + host + "X: " + std::string(9'000, 'x') + "\r\n\r\n", "431"},
        {"GET /" + std::string(9'000, 'x'), "431"},
    };
    for (const Refused& refused : cases) {
        RawClient client(live.port());
        client.send(refused.request);
        EXPECT_THAT(client.read_all(), StartsWith("HTTP/1.1 " + refused.status + " ")) << refused.request.substr(0, 99);
    }
}

TEST(Server, answers_408_when_header_or_body_take_too_long) {
    LiveServer live(echo, {.header_timeout = 50ms, .body_timeout = 50ms});
    RawClient header(live.port());
    header.send("GET / HT");
    EXPECT_THAT(header.read_all(), StartsWith("HTTP/1.1 408 "));
    RawClient body(live.port());
    body.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
    EXPECT_THAT(body.read_all(), StartsWith("HTTP/1.1 408 "));
}

TEST(Server, closes_an_idle_connection_without_a_word) {
    LiveServer live(echo, {.idle_timeout = 50ms});
    RawClient client(live.port());
    EXPECT_EQ(client.read_all(), "");
}

TEST(Server, tells_one_connection_too_many_so) {
    LiveServer live(echo, {.max_connections = 1});
    RawClient first(live.port());
    first.send(get("/a"));
    EXPECT_THAT(first.read_until("GET /a "), StartsWith("HTTP/1.1 200"));
    RawClient second(live.port());
    EXPECT_THAT(second.read_all(), StartsWith("HTTP/1.1 503 "));
}

TEST(Server, lets_a_running_request_end_and_closes_idle_connections_when_it_stops) {
    static std::promise<void> entered;
    static asio::steady_timer* gate;
    entered = {};
    LiveContext timers;
    LiveServer live([](Request request) -> asio::awaitable<Response> {
        if (request.target == "/slow") {
            asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
            gate = &timer;
            entered.set_value();
            boost::system::error_code ignored;
            co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        }
        co_return Response{.body = "done"};
    });
    RawClient idle(live.port());
    idle.send(get("/fast"));
    EXPECT_THAT(idle.read_until("done"), StartsWith("HTTP/1.1 200"));
    RawClient busy(live.port());
    busy.send(get("/slow"));
    entered.get_future().wait();
    auto stopping = std::async(std::launch::async, [&] { live.stop(20s); });
    EXPECT_EQ(idle.read_all(), "");  // closed at once
    asio::post(live.context().io(), [] { gate->cancel(); });
    const std::string answer = busy.read_all();
    EXPECT_THAT(answer, HasSubstr("Connection: close"));
    EXPECT_THAT(answer, EndsWith("done"));
    stopping.wait();
    EXPECT_EQ(live.server().connections(), 0u);
}

TEST(Server, cancels_what_runs_on_after_the_grace) {
    static std::promise<void> entered;
    entered = {};
    LiveServer live([](Request) -> asio::awaitable<Response> {
        asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
        entered.set_value();
        co_await timer.async_wait(asio::use_awaitable);
        co_return Response{};
    });
    RawClient busy(live.port());
    busy.send(get("/"));
    entered.get_future().wait();
    live.stop(10ms);
    EXPECT_EQ(busy.read_all(), "");
}

TEST(Server, ends_the_connection_when_a_handler_throws) {
    LiveServer live([](Request) -> asio::awaitable<Response> {
        throw std::runtime_error("a bug");
        co_return Response{};
    });
    RawClient client(live.port());
    client.send(get("/"));
    EXPECT_EQ(client.read_all(), "");
}

TEST(Server, keeps_line_ends_in_header_values_from_making_headers) {
    LiveServer live([](Request) -> asio::awaitable<Response> {
        co_return Response{.headers = {{"X-A", "1\r\nX-B: 2"}, {"content-length", "999"}}, .body = "ok"};
    });
    RawClient client(live.port());
    client.send(get("/", "Connection: close\r\n"));
    const std::string answer = client.read_all();
    EXPECT_THAT(answer, HasSubstr("X-A: 1  X-B: 2\r\n"));
    EXPECT_THAT(answer, Not(HasSubstr("999")));
}

TEST(Server, answers_at_once_who_waits_for_continue_in_vain) {
    const Gate gate = [](const Request& head) -> std::optional<Response> {
        if (head.target != "/no") return std::nullopt;
        return Response{.status = 404, .headers = {}, .body = "none"};
    };
    LiveServer live(echo, {}, gate);
    RawClient client(live.port());
    client.send("POST /no HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    const std::string all = client.read_all();
    EXPECT_THAT(all, StartsWith("HTTP/1.1 404 "));
    EXPECT_THAT(all, HasSubstr("\r\nConnection: close\r\n"));
    RawClient wanted(live.port());
    wanted.send("POST /yes HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(wanted.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
}

TEST(Server, still_answers_while_it_drains_and_ends_each_connection) {
    LiveServer live(echo);
    RawClient idle(live.port());
    idle.send(get("/before"));
    (void)idle.read_until("GET /before ");
    live.server().drain();
    RawClient client(live.port());
    client.send(get("/during"));
    const std::string all = client.read_all();
    EXPECT_THAT(all, HasSubstr("GET /during "));
    EXPECT_THAT(all, HasSubstr("\r\nConnection: close\r\n"));
    // One that is idle holds nothing up: its timeout is longer than any test.
    live.stop(std::chrono::hours(1));
    EXPECT_EQ(idle.read_all(), "");
}

}  // namespace
}  // namespace genq::http::test
