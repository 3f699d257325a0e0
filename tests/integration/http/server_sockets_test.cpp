#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <filesystem>

#include "tests/integration/http/fixture.hpp"

namespace genq::http::test {
namespace {

namespace asio = boost::asio;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A file of 1 MB whose bytes tell their place, open for reading.
std::shared_ptr<FileHandle> numbered_file() {
    std::string path = ::testing::TempDir() + "genq_http_XXXXXX";
    const int fd = ::mkstemp(path.data());
    ::unlink(path.c_str());
    std::string bytes;
    for (int i = 0; i < 100'000; ++i) bytes += std::to_string(1'000'000'000 + i);
    EXPECT_EQ(::write(fd, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    return std::make_shared<FileHandle>(fd);
}

TEST(Server, sends_a_part_of_a_file) {
    static std::shared_ptr<FileHandle> file;
    file = numbered_file();
    LiveServer live([](Request) -> asio::awaitable<Response> {
        co_return Response{.status = 206, .headers = {}, .body = FileBody{file, 10, 999'980}};
    });
    RawClient client(live.port());
    for (int i = 0; i < 2; ++i) {  // keep-alive holds after a file too
        client.send(get("/file"));
        EXPECT_THAT(client.read_until("\r\n\r\n"), HasSubstr("Content-Length: 999980\r\n"));
        const std::string body = client.read_exactly(999'980);
        EXPECT_THAT(body, StartsWith("10000000011000000002"));
        EXPECT_THAT(body, EndsWith("1000099998"));
    }
    file.reset();
}

TEST(Server, resets_when_a_file_is_shorter_than_announced) {
    static std::shared_ptr<FileHandle> file;
    file = numbered_file();
    LiveServer live([](Request) -> asio::awaitable<Response> {
        co_return Response{.status = 200, .headers = {}, .body = FileBody{file, 0, 1'000'001}};
    });
    RawClient client(live.port());
    client.send(get("/file"));
    EXPECT_LT(client.read_all().size(), 1'000'001u + 100);
    file.reset();
}

TEST(Server, listens_on_a_unix_socket_and_removes_it) {
    const std::string path = ::testing::TempDir() + "genq_" + std::to_string(::getpid()) + ".sock";
    {
        LiveServer live([](Request request) -> asio::awaitable<Response> { co_return Response{.body = request.peer}; },
                        {.listen = {"unix:" + path}});
        EXPECT_EQ(live.server().addresses().front(), "unix:" + path);
        struct stat status{};
        ASSERT_EQ(::stat(path.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777, 0660u);
        RawClient client(path);
        client.send(get("/", "Connection: close\r\n"));
        EXPECT_THAT(client.read_all(), EndsWith("\r\n\r\nunix"));
        LiveContext other;
        Server second(other.io(), {.listen = {"unix:" + path}}, echo, plain_refusal, [](std::string_view) {});
        const auto started = second.start();
        ASSERT_FALSE(started);
        EXPECT_EQ(started.error().code, errc::io);
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Server, takes_the_place_of_a_stale_unix_socket) {
    const std::string path = ::testing::TempDir() + "genq_stale_" + std::to_string(::getpid()) + ".sock";
    {
        asio::io_context io;
        asio::local::stream_protocol::acceptor dead(io, asio::local::stream_protocol::endpoint(path));
    }
    LiveServer live(echo, {.listen = {"unix:" + path}});
    RawClient client(path);
    client.send(get("/a", "Connection: close\r\n"));
    EXPECT_THAT(client.read_all(), EndsWith("GET /a "));
}

TEST(Server, says_what_is_wrong_with_an_address) {
    asio::io_context io;
    for (const std::string address :
         {"nowhere", "example.com:80", "127.0.0.1:99999", "::1:80", "unix:", "127.0.0.1:"}) {
        Server server(io, {.listen = {address}}, echo, plain_refusal, [](std::string_view) {});
        const auto started = server.start();
        ASSERT_FALSE(started) << address;
        EXPECT_EQ(started.error().code, errc::invalid_argument);
        EXPECT_THAT(started.error().detail, HasSubstr(address));
    }
}

TEST(Server, listens_on_localhost) {
    LiveServer live(echo, {.listen = {"localhost:0"}});
    RawClient client(live.port());
    client.send(get("/a", "Connection: close\r\n"));
    EXPECT_THAT(client.read_all(), EndsWith("GET /a "));
}

}  // namespace
}  // namespace genq::http::test
