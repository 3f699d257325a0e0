#include "tests/integration/http/fixture.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstring>

namespace genq::http::test {

namespace asio = boost::asio;

namespace {

/// A test that hangs fails after this long; none waits for it.
constexpr timeval patience{.tv_sec = 20, .tv_usec = 0};

int open_socket(int family, const void* address, socklen_t length) {
    const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    EXPECT_EQ(::connect(fd, static_cast<const sockaddr*>(address), length), 0) << std::strerror(errno);
    return fd;
}

ServerOptions on_loopback(ServerOptions options) {
    if (options.listen.empty()) options.listen = {"127.0.0.1:0"};
    return options;
}

}  // namespace

LiveContext::~LiveContext() {
    work_.reset();
    thread_.join();
}

LiveServer::LiveServer(Handler handler, ServerOptions options, Gate gate, Streams streams)
    : server_(
          context_.io(), on_loopback(std::move(options)), std::move(handler), plain_refusal, [](std::string_view) {},
          std::move(gate), std::move(streams)) {
    const auto started = server_.start();
    if (!started) ADD_FAILURE() << started.error().detail;
}

LiveServer::~LiveServer() {
    if (!stopped_) stop();
}

std::uint16_t LiveServer::port() const {
    const std::string address = server_.addresses().front();
    std::uint16_t port = 0;
    std::from_chars(address.data() + address.rfind(':') + 1, address.data() + address.size(), port);
    return port;
}

std::string LiveServer::url(const std::string& target, const std::string& scheme) const {
    return scheme + "://127.0.0.1:" + std::to_string(port()) + target;
}

void LiveServer::stop(std::chrono::milliseconds grace) {
    stopped_ = true;
    context_.run(server_.stop(grace));
}

RawClient::RawClient(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fd_ = open_socket(AF_INET, &address, sizeof(address));
}

RawClient::RawClient(const std::string& unix_path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    unix_path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    fd_ = open_socket(AF_UNIX, &address, sizeof(address));
}

RawClient::~RawClient() {
    ::close(fd_);
}

void RawClient::send(std::string_view bytes) const {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void RawClient::finish() const {
    ::shutdown(fd_, SHUT_WR);
}

bool RawClient::more() {
    std::array<char, 16384> bytes{};
    const ssize_t got = ::recv(fd_, bytes.data(), bytes.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) ADD_FAILURE() << "nothing came";
    if (got <= 0) return false;
    buffer_.append(bytes.data(), static_cast<std::size_t>(got));
    return true;
}

std::string RawClient::read_until(std::string_view text) {
    std::size_t at = 0;
    while ((at = buffer_.find(text)) == std::string::npos) {
        if (!more()) return std::exchange(buffer_, {});
    }
    std::string out = buffer_.substr(0, at + text.size());
    buffer_.erase(0, out.size());
    return out;
}

std::string RawClient::read_all() {
    while (more()) {
    }
    return std::exchange(buffer_, {});
}

std::string RawClient::read_exactly(std::size_t bytes) {
    while (buffer_.size() < bytes && more()) {
    }
    std::string out = buffer_.substr(0, bytes);
    buffer_.erase(0, out.size());
    return out;
}

asio::awaitable<Response> echo(Request request) {
    Response response;
    response.headers.set("Content-Type", "text/plain");
    response.body = request.method + " " + request.target + " " + request.body;
    co_return response;
}

Response plain_refusal(int status, std::string_view detail, std::string_view /*target*/) {
    return {.status = status, .headers = {{"Content-Type", "text/plain"}}, .body = std::string(detail)};
}

}  // namespace genq::http::test
