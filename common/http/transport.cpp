#include "common/http/transport.hpp"

namespace genq::http {

boost::asio::awaitable<Exchange> Transport::send(ClientRequest request, SteadyTime deadline) {
    auto connection = co_await connect(request.url, deadline);
    if (!connection) co_return Exchange{std::unexpected(std::move(connection.error())), Written::nothing};
    co_return co_await (*connection)->send(std::move(request), deadline);
}

}  // namespace genq::http
