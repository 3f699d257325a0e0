#include "server/engine/query_token.hpp"

namespace genq::engine {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {
// While every token is in flight, none says when it comes back.
constexpr auto ask_again = 200ms;
}  // namespace

asio::awaitable<http::Exchange> query_once(Core& core, const upstream::ApiRequest& request) {
    return query_once(core, core.api_request(request), 0s);
}

asio::awaitable<http::Exchange> query_once(Core& core, http::ClientRequest request, std::chrono::seconds more) {
    while (!core.query_tokens().take(core.ports.clock.now())) {
        const SteadyTime now = core.ports.clock.now();
        co_await core.ports.clock.sleep_until(
            std::max(core.query_tokens().next_free(now).value_or(now + ask_again), now + 1ms));
    }
    co_return co_await query_with_token(core, std::move(request), more);
}

asio::awaitable<http::Exchange> query_with_token(Core& core, http::ClientRequest request, std::chrono::seconds more) {
    http::Exchange exchange = co_await core.ports.transport.send(std::move(request), core.request_deadline() + more);
    core.settle_token(core.query_tokens(), exchange);
    co_return exchange;
}

}  // namespace genq::engine
