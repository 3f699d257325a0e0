#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "common/http/server.hpp"
#include "common/log/log.hpp"
#include "server/api/api.hpp"

namespace genq::web {

/// Puts the API on its listeners. The API outlives it.
class Server {
  public:
    Server(boost::asio::io_context& io, http::ServerOptions options, api::Api& api, log::Logger& log);

    /// Binds and listens; errors name the address (http::Server::start).
    [[nodiscard]] Result<void> start() { return server_.start(); }
    /// The addresses bound, ports filled in.
    [[nodiscard]] std::vector<std::string> addresses() const { return server_.addresses(); }
    /// Changes are refused and `/readyz` fails from now on; what only reads is served until stop(). Any thread.
    void drain();
    /// Stops listening and lets running requests end, for `grace` at most. Call once.
    [[nodiscard]] boost::asio::awaitable<void> stop(std::chrono::milliseconds grace) { return server_.stop(grace); }

  private:
    api::Api& api_;
    http::Server server_;
};

}  // namespace genq::web
