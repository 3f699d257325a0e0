#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace genq::http::test {

/// A server that does to each connection, one after the other, what the test says: for answers that no good server
/// gives.
class ScriptServer {
  public:
    class Peer {
      public:
        explicit Peer(int fd) : fd_(fd) {}
        ~Peer() { close(); }
        Peer(const Peer&) = delete;
        Peer& operator=(const Peer&) = delete;

        /// Reads up to the end of a header and returns it.
        std::string read_request() const;
        void read_to_end() const;
        /// Waits without reading until the other side is gone.
        void wait_for_hangup() const;
        void send(std::string_view bytes) const;
        void close();
        void reset();

      private:
        int fd_;
    };

    explicit ScriptServer(std::function<void(Peer&)> script);
    ~ScriptServer();
    ScriptServer(const ScriptServer&) = delete;
    ScriptServer& operator=(const ScriptServer&) = delete;

    [[nodiscard]] std::string url(const std::string& target) const;
    /// Waits until so many connections have been served and closed.
    void wait_for_closes(int count);

  private:
    void run();

    std::function<void(Peer&)> script_;
    int fd_;
    std::uint16_t port_ = 0;
    std::mutex mutex_;
    std::condition_variable changed_;
    int closed_ = 0;
    std::thread thread_;
};

}  // namespace genq::http::test
