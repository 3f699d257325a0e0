#pragma once
#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "common/core/clock.hpp"
#include "common/http/transport.hpp"

namespace genq::test {

/// A network on which every other `wave` of API requests takes its time on the way to the server. The first request of
/// a quick wave can so overtake the last of a slow one: who counts requests when they are sent, and not until they are
/// answered, sends more than the server allows. Downloads go through at once.
class SlowNetwork final : public http::Transport {
  public:
    /// What is referred to must outlive this.
    SlowNetwork(http::Transport& net, Clock& clock, int wave, std::chrono::milliseconds delay)
        : net_(net), clock_(clock), wave_(wave), delay_(delay) {}

    [[nodiscard]] boost::asio::awaitable<Result<std::unique_ptr<http::Connection>>> connect(
        std::string url, SteadyTime deadline) override;
    [[nodiscard]] boost::asio::awaitable<Result<http::Download>> download(http::DownloadRequest request,
                                                                          http::Sink& sink) override;
    /// How long the next request is on its way. Any thread.
    [[nodiscard]] std::chrono::milliseconds next_delay();
    [[nodiscard]] Clock& clock() { return clock_; }

  private:
    http::Transport& net_;
    Clock& clock_;
    const int wave_;
    const std::chrono::milliseconds delay_;
    std::atomic<int> sent_{0};
};

}  // namespace genq::test
