#include "tests/integration/limit/slow_network.hpp"

namespace genq::test {
namespace {

namespace asio = boost::asio;

class SlowConnection final : public http::Connection {
  public:
    SlowConnection(std::unique_ptr<http::Connection> inner, SlowNetwork& network)
        : inner_(std::move(inner)), network_(network) {}

    asio::awaitable<http::Exchange> send(http::ClientRequest request, SteadyTime deadline) override {
        const auto delay = network_.next_delay();
        if (delay.count() > 0) co_await network_.clock().sleep_until(network_.clock().now() + delay);
        co_return co_await inner_->send(std::move(request), deadline);
    }

  private:
    std::unique_ptr<http::Connection> inner_;
    SlowNetwork& network_;
};

}  // namespace

asio::awaitable<Result<std::unique_ptr<http::Connection>>> SlowNetwork::connect(std::string url, SteadyTime deadline) {
    auto inner = co_await net_.connect(std::move(url), deadline);
    if (!inner) co_return std::unexpected(inner.error());
    co_return std::make_unique<SlowConnection>(std::move(*inner), *this);
}

asio::awaitable<Result<http::Download>> SlowNetwork::download(http::DownloadRequest request, http::Sink& sink) {
    return net_.download(std::move(request), sink);
}

std::chrono::milliseconds SlowNetwork::next_delay() {
    const bool slow = sent_.fetch_add(1) / wave_ % 2 == 0;
    return slow ? delay_ : std::chrono::milliseconds(0);
}

}  // namespace genq::test
