// The yardstick: Beast with nothing behind it. Answers every request with one response, read from a file as it came
// over the wire (`curl -i`), after it has read the request whole. One thread, as genqd's own I/O has.
#undef BOOST_BEAST_SEPARATE_COMPILATION
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Response = http::response<http::string_body>;

constexpr auto idle_time = std::chrono::seconds(75);

Response read_response(const char* path) {
    std::ifstream file(path, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    http::response_parser<http::string_body> parser;
    parser.eager(true);
    beast::error_code error;
    parser.put(asio::buffer(text), error);
    if (error || !parser.is_done()) throw std::runtime_error("no whole HTTP response in " + std::string(path));
    return parser.release();
}

asio::awaitable<void> serve(asio::ip::tcp::socket socket, const Response& canned) {
    beast::tcp_stream stream(std::move(socket));
    beast::flat_buffer buffer;
    try {
        for (;;) {
            http::request_parser<http::string_body> parser;
            stream.expires_after(idle_time);
            co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
            Response response = canned;
            response.keep_alive(parser.get().keep_alive());
            co_await http::async_write(stream, response, asio::use_awaitable);
        }
    } catch (const beast::system_error&) {
        // The client has gone.
    }
}

asio::awaitable<void> accept_all(asio::ip::tcp::acceptor& acceptor, const Response& canned) {
    for (;;) {
        auto socket = co_await acceptor.async_accept(asio::use_awaitable);
        socket.set_option(asio::ip::tcp::no_delay(true));
        asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), canned), [](std::exception_ptr error) {
            if (error) std::rethrow_exception(error);
        });
    }
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc != 2) {
        std::fputs("usage: bench_bare RESPONSE_FILE   (prints its address)\n", stderr);
        return 2;
    }
    const auto canned = read_response(argv[1]);
    asio::io_context io(1);
    asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
    std::printf("127.0.0.1:%u\n", static_cast<unsigned>(acceptor.local_endpoint().port()));
    std::fflush(stdout);
    asio::co_spawn(io, accept_all(acceptor, canned), [](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
    });
    io.run();
} catch (const std::exception& error) {
    std::fprintf(stderr, "bench_bare: %s\n", error.what());
    return 1;
}
