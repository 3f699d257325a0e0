#pragma once
#include <filesystem>
#include <string>

namespace genq::test {

/// systemd's end of $NOTIFY_SOCKET.
class NotifySocket {
  public:
    explicit NotifySocket(std::filesystem::path path);
    ~NotifySocket();
    NotifySocket(const NotifySocket&) = delete;
    NotifySocket& operator=(const NotifySocket&) = delete;

    [[nodiscard]] std::string path() const { return path_.string(); }
    /// Reads datagrams until one starts with `text`; false when none comes for a minute.
    [[nodiscard]] bool wait_for(const std::string& text);

  private:
    std::filesystem::path path_;
    int fd_ = -1;
};

}  // namespace genq::test
