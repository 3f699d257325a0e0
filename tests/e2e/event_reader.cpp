#include "tests/e2e/event_reader.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace genq::test {

EventReader::EventReader(const std::string& url, const std::string& target, std::map<std::string, std::string> headers,
                         bool small) {
    const auto colon = url.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(url.substr(colon + 1))));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{.tv_sec = 120, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const int few = 4096;
    if (small) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &few, sizeof few);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    headers.emplace("Accept", "text/event-stream");
    std::string request = "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
    for (const auto& [name, value] : headers) {
        request += name;
        request += ": ";
        request += value;
        request += "\r\n";
    }
    request += "\r\n";
    EXPECT_EQ(::send(fd_, request.data(), request.size(), MSG_NOSIGNAL), static_cast<ssize_t>(request.size()));
}

EventReader::~EventReader() {
    ::close(fd_);
}

bool EventReader::more() {
    std::array<char, 16384> bytes{};
    const ssize_t got = ::recv(fd_, bytes.data(), bytes.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) ADD_FAILURE() << "nothing came";
    if (got <= 0) return false;
    raw_.append(bytes.data(), static_cast<std::size_t>(got));
    return true;
}

bool EventReader::read_head() {
    while (status_ == 0) {
        const auto end = raw_.find("\r\n\r\n");
        if (end != std::string::npos) {
            std::from_chars(raw_.data() + 9, raw_.data() + 12, status_);
            raw_.erase(0, end + 4);
        } else if (!more()) {
            return false;
        }
    }
    return true;
}

int EventReader::status() {
    return read_head() ? status_ : 0;
}

/// Takes what there is, of a chunk too that has not come whole.
void EventReader::take_chunks() {
    while (!whole_) {
        if (in_chunk_) {
            const auto some = std::min(left_, raw_.size());
            text_.append(raw_, 0, some);
            raw_.erase(0, some);
            left_ -= some;
            if (left_ > 0 || raw_.size() < 2) return;
            raw_.erase(0, 2);
            in_chunk_ = false;
        }
        const auto end = raw_.find("\r\n");
        if (end == std::string::npos) return;
        std::from_chars(raw_.data(), raw_.data() + end, left_, 16);
        raw_.erase(0, end + 2);
        in_chunk_ = left_ > 0;
        whole_ = left_ == 0;
    }
}

std::optional<StreamedEvent> EventReader::next() {
    if (!read_head()) return std::nullopt;
    for (;;) {
        take_chunks();
        const auto end = text_.find("\n\n");
        if (end == std::string::npos) {
            if (whole_ || !more()) return std::nullopt;
            continue;
        }
        StreamedEvent event;
        const std::string block = text_.substr(0, end + 1);
        text_.erase(0, end + 2);
        for (std::size_t at = 0; at < block.size(); at = block.find('\n', at) + 1) {
            const std::string line = block.substr(at, block.find('\n', at) - at);
            if (line.starts_with("id: ")) event.id = line.substr(4);
            if (line.starts_with("event: ")) event.name = line.substr(7);
            if (line.starts_with("data: ")) event.data = line.substr(6);
        }
        if (!event.name.empty()) return event;
    }
}

bool EventReader::ended_whole() {
    while (next()) {
    }
    return whole_;
}

}  // namespace genq::test
