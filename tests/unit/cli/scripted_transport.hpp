#pragma once
#include <boost/asio/awaitable.hpp>
#include <deque>
#include <memory>
#include <vector>

#include "common/http/transport.hpp"

namespace genq::test {

/// Answers what it is told to, in order, and notes the requests. Without an answer left nobody is there.
class ScriptedTransport final : public http::Transport {
  public:
    void answer(int status, std::string body, http::Fields headers = {}) {
        answers_.push_back(http::ClientResponse{status, std::move(headers), std::move(body)});
    }
    void fail_with(errc code) { answers_.push_back(fail(code, "as the test says")); }
    [[nodiscard]] const std::vector<http::ClientRequest>& requests() const { return requests_; }

    [[nodiscard]] boost::asio::awaitable<Result<std::unique_ptr<http::Connection>>> connect(std::string,
                                                                                            SteadyTime) override {
        co_return std::make_unique<One>(*this);
    }
    [[nodiscard]] boost::asio::awaitable<Result<http::Download>> download(http::DownloadRequest, http::Sink&) override {
        co_return fail(errc::unsupported, "not in this test");
    }

  private:
    class One final : public http::Connection {
      public:
        explicit One(ScriptedTransport& owner) : owner_(owner) {}
        [[nodiscard]] boost::asio::awaitable<http::Exchange> send(http::ClientRequest request, SteadyTime) override {
            owner_.requests_.push_back(std::move(request));
            http::Exchange exchange{fail(errc::unreachable, "nobody is there"), http::Written::nothing};
            if (!owner_.answers_.empty()) {
                exchange.answer = std::move(owner_.answers_.front());
                owner_.answers_.pop_front();
            }
            co_return exchange;
        }

      private:
        ScriptedTransport& owner_;
    };

    std::deque<Result<http::ClientResponse>> answers_;
    std::vector<http::ClientRequest> requests_;
};

}  // namespace genq::test
