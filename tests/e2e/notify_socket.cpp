#include "tests/e2e/notify_socket.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>

namespace genq::test {

NotifySocket::NotifySocket(std::filesystem::path path) : path_(std::move(path)) {
    fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.c_str(), path_.string().size());
    if (::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) ADD_FAILURE() << path_;
}

NotifySocket::~NotifySocket() {
    ::close(fd_);
}

bool NotifySocket::wait_for(const std::string& text) {
    for (;;) {
        pollfd ready{fd_, POLLIN, 0};
        if (::poll(&ready, 1, 60'000) != 1) return false;
        std::array<char, 256> buffer{};
        const auto length = ::recv(fd_, buffer.data(), buffer.size(), 0);
        if (length < 0) return false;
        if (std::string_view(buffer.data(), static_cast<std::size_t>(length)).starts_with(text)) return true;
    }
}

}  // namespace genq::test
