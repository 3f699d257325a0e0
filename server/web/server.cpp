#include "server/web/server.hpp"

namespace genq::web {

Server::Server(boost::asio::io_context& io, http::ServerOptions options, api::Api& api, log::Logger& log)
    : api_(api),
      server_(
          io, std::move(options), [&api](http::Request request) { return api.handle(std::move(request)); },
          [&api](int status, std::string_view detail, std::string_view target) {
              return api.refuse(status, detail, target);
          },
          [&log](std::string_view event) { log.warn("http server", {{"event", event}}); },
          [&api](http::Request head) { return api.turned_away(std::move(head)); },
          [&api](const http::Request& head) { return api.streamed(head); }) {}

void Server::drain() {
    api_.set_draining();
    server_.drain();
}

}  // namespace genq::web
