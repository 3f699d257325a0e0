#include "tests/integration/http/script_server.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace genq::http::test {

std::string ScriptServer::Peer::read_request() const {
    std::string out;
    std::array<char, 4096> bytes{};
    while (!out.contains("\r\n\r\n")) {
        const ssize_t got = ::recv(fd_, bytes.data(), bytes.size(), 0);
        if (got <= 0) return out;
        out.append(bytes.data(), static_cast<std::size_t>(got));
    }
    return out;
}

void ScriptServer::Peer::read_to_end() const {
    std::array<char, 4096> bytes{};
    while (::recv(fd_, bytes.data(), bytes.size(), 0) > 0) {
    }
}

void ScriptServer::Peer::wait_for_hangup() const {
    pollfd waiting{.fd = fd_, .events = POLLRDHUP, .revents = 0};
    ::poll(&waiting, 1, 20'000);
}

void ScriptServer::Peer::send(std::string_view bytes) const {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void ScriptServer::Peer::close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

void ScriptServer::Peer::reset() {
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close();
}

ScriptServer::ScriptServer(std::function<void(Peer&)> script)
    : script_(std::move(script)), fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    void* raw = &address;
    EXPECT_EQ(::bind(fd_, static_cast<sockaddr*>(raw), length), 0);
    EXPECT_EQ(::listen(fd_, 16), 0);
    EXPECT_EQ(::getsockname(fd_, static_cast<sockaddr*>(raw), &length), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
}

ScriptServer::~ScriptServer() {
    ::shutdown(fd_, SHUT_RDWR);  // ends accept()
    thread_.join();
    ::close(fd_);
}

void ScriptServer::run() {
    for (;;) {
        const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) return;
        {
            Peer peer(fd);
            script_(peer);
        }
        const std::lock_guard lock(mutex_);
        ++closed_;
        changed_.notify_all();
    }
}

std::string ScriptServer::url(const std::string& target) const {
    return "http://127.0.0.1:" + std::to_string(port_) + target;
}

void ScriptServer::wait_for_closes(int count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(20), [&] { return closed_ >= count; }));
}

}  // namespace genq::http::test
