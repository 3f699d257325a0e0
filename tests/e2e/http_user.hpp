#pragma once
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <string>
#include <thread>

#include "common/core/clock.hpp"
#include "common/http/beast_transport.hpp"

namespace genq::test {

/// Sends requests and waits for their answers; from any thread.
class HttpUser {
  public:
    HttpUser();
    ~HttpUser();
    HttpUser(const HttpUser&) = delete;
    HttpUser& operator=(const HttpUser&) = delete;

    [[nodiscard]] Result<http::ClientResponse> get(const std::string& url);
    [[nodiscard]] Result<http::ClientResponse> send(http::ClientRequest request, std::chrono::seconds limit);

  private:
    SystemClock clock_;
    boost::asio::io_context io_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
    http::BeastTransport transport_{io_, clock_};
    std::thread thread_;
};

}  // namespace genq::test
