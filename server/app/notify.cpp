#include "server/app/notify.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstring>

namespace genq::app {
namespace {

std::optional<std::int64_t> number(const std::optional<std::string>& text) {
    if (!text) return std::nullopt;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
    return value;
}

}  // namespace

Notifier::Notifier(const Environment& environment) : socket_(find(environment, "NOTIFY_SOCKET").value_or("")) {
    // WATCHDOG_PID names the process that is meant: a child that inherits the variables is not.
    const auto period = number(find(environment, "WATCHDOG_USEC"));
    const auto pid = number(find(environment, "WATCHDOG_PID"));
    if (period && *period > 1 && (!pid || *pid == ::getpid())) watchdog_ = std::chrono::microseconds(*period / 2);
}

void Notifier::reloading(SteadyTime now) {
    const auto since = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch());
    send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", since.count()));
}

void Notifier::send(std::string_view message) const {
    if (socket_.empty()) return;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_.size() >= sizeof(address.sun_path)) return;
    std::memcpy(address.sun_path, socket_.data(), socket_.size());
    if (address.sun_path[0] == '@') address.sun_path[0] = '\0';  // an abstract socket
    const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return;
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
    ::sendto(fd, message.data(), message.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), length);
    ::close(fd);
}

}  // namespace genq::app
