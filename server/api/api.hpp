#pragma once
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string_view>

#include "common/http/server.hpp"
#include "server/api/options.hpp"
#include "server/api/routes.hpp"
#include "server/api/services.hpp"

namespace genq::api {

/// The HTTP API (API.md): takes a request and makes its answer. Knows no socket.
/// All functions may be called from any thread; what `handle` does runs on its caller's executor.
class Api {
  public:
    /// `mount`: paths that belong to somebody else (kie.ai's own, DESIGN.md "kie.ai's API in front"), if there are any.
    Api(Services services, Options options, const Mount& mount = {});
    ~Api();
    Api(const Api&) = delete;
    Api& operator=(const Api&) = delete;

    /// Never fails: what goes wrong is a 500. Only cancellation comes through as an exception.
    [[nodiscard]] boost::asio::awaitable<http::Response> handle(http::Request request);
    /// The answer to a request whose client waits for `100 Continue` before it sends the body, if the header decides it
    /// already; nullopt: the body is wanted.
    [[nodiscard]] std::optional<http::Response> turned_away(http::Request head);
    /// How long a body may be that its handler reads itself; nullopt: it is to be gathered.
    [[nodiscard]] std::optional<std::uint64_t> streamed(const http::Request& head) const;
    /// The answer for what the session refuses before there is a request. `target`: as far as it is known, else "".
    [[nodiscard]] http::Response refuse(int status, std::string_view detail, std::string_view target = "");
    /// From now on `/readyz` fails, what would change something is refused with `overloaded`, and those who wait for a
    /// job are answered with it as it is.
    void set_draining();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace genq::api
