#include "tests/e2e/http_user.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

namespace genq::test {

HttpUser::HttpUser() : thread_([this] { io_.run(); }) {}

HttpUser::~HttpUser() {
    work_.reset();
    io_.stop();
    thread_.join();
}

Result<http::ClientResponse> HttpUser::get(const std::string& url) {
    return send({.method = "GET", .url = url}, std::chrono::seconds(120));
}

Result<http::ClientResponse> HttpUser::send(http::ClientRequest request, std::chrono::seconds limit) {
    const auto deadline = clock_.now() + limit;
    auto sent = boost::asio::co_spawn(io_, transport_.send(std::move(request), deadline), boost::asio::use_future);
    return sent.get().answer;
}

}  // namespace genq::test
