#include "server/app/notify.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <string>

namespace genq::app {
namespace {

using namespace std::chrono_literals;

// What systemd's end of the socket gets.
class Listener {
  public:
    Listener() : path_((std::filesystem::path(::testing::TempDir()) / "genqd-notify-test.sock").string()) {
        std::filesystem::remove(path_);
        fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path_.data(), path_.size());
        if (::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) ADD_FAILURE();
    }
    ~Listener() {
        ::close(fd_);
        std::filesystem::remove(path_);
    }
    std::string next() {
        std::array<char, 256> buffer{};
        const auto length = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
        return length < 0 ? "nothing" : std::string(buffer.data(), static_cast<std::size_t>(length));
    }
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_;
    int fd_ = -1;
};

TEST(Notifier, sends_one_datagram_a_message) {
    Listener listener;
    Notifier notifier({{"NOTIFY_SOCKET", listener.path()}});
    notifier.ready();
    notifier.alive();
    notifier.reloading(SteadyTime(5s));
    notifier.stopping();
    EXPECT_EQ(listener.next(), "READY=1");
    EXPECT_EQ(listener.next(), "WATCHDOG=1");
    EXPECT_EQ(listener.next(), "RELOADING=1\nMONOTONIC_USEC=5000000");
    EXPECT_EQ(listener.next(), "STOPPING=1");
    EXPECT_EQ(listener.next(), "nothing");
}

TEST(Notifier, is_silent_without_a_socket) {
    Notifier notifier({});
    notifier.ready();
    EXPECT_EQ(notifier.watchdog_interval(), std::nullopt);
}

TEST(Notifier, knows_half_of_the_watchdogs_time_if_it_is_meant) {
    EXPECT_EQ(Notifier({{"WATCHDOG_USEC", "30000000"}}).watchdog_interval(), 15s);
    EXPECT_EQ(
        Notifier({{"WATCHDOG_USEC", "30000000"}, {"WATCHDOG_PID", std::to_string(::getpid())}}).watchdog_interval(),
        15s);
    EXPECT_EQ(Notifier({{"WATCHDOG_USEC", "30000000"}, {"WATCHDOG_PID", "1"}}).watchdog_interval(), std::nullopt);
    EXPECT_EQ(Notifier({{"WATCHDOG_USEC", "soon"}}).watchdog_interval(), std::nullopt);
}

}  // namespace
}  // namespace genq::app
