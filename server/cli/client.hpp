#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "common/core/clock.hpp"
#include "common/core/error.hpp"
#include "common/http/transport.hpp"
#include "server/app/environment.hpp"

namespace genq::cli {

/// What all client subcommands take.
struct ClientOptions {
    std::string url = {};         ///< --url: "http://…", "https://…" or "unix:/path"
    std::string token_file = {};  ///< --token-file
    std::string profile = {};     ///< --profile: a name out of profiles.toml
    bool json = false;            ///< --json: the daemon's answer as JSON
};

/// What a request to the daemon is made of.
struct Call {
    std::string method = "GET";
    std::string target;                 ///< path and query
    boost::json::value body = nullptr;  ///< null for none
    http::Fields headers = {};
    std::shared_ptr<http::BodySource> file = nullptr;  ///< in the place of `body`
    std::chrono::seconds wait{0};                      ///< how long the daemon may hold the answer on top of `limit`
    std::chrono::seconds limit{30};                    ///< for the whole exchange
    /// http::ClientRequest::take and its `silence`, for an answer that goes on.
    std::function<bool(std::string_view)> take = nullptr;
    std::chrono::seconds silence{0};
};

/// Talks to a daemon; each call runs the event loop until it is done. Main thread only.
class Client {
  public:
    /// `transport` runs on `io`, and leads to the socket if `url` is "unix:/path".
    Client(boost::asio::io_context& io, Clock& clock, http::Transport& transport, std::string url, std::string token);

    /// The answer, whatever its status. errc::unreachable and the other errors of http::Exchange.
    [[nodiscard]] Result<http::ClientResponse> send(const Call& call);
    /// Sleeps, running the event loop.
    void pause(std::chrono::milliseconds time);

    [[nodiscard]] Clock& clock() { return clock_; }
    [[nodiscard]] const std::string& url() const { return url_; }

  private:
    boost::asio::io_context& io_;
    Clock& clock_;
    http::Transport& transport_;
    std::string url_;   // as people know it
    std::string base_;  // what requests begin with
    std::string token_;
};

/// Where the daemon is and the token for it: --token-file and --url or --profile before GENQD_URL, GENQD_TOKEN and
/// GENQD_TOKEN_FILE, these before the profile that GENQD_PROFILE names; else http://127.0.0.1:8080 without a token. A
/// profile's daemon is never shown another token than its own. errc::invalid_argument for a bad URL or for both --url
/// and --profile, and the errors of a token file or a profile that can't be read.
struct Endpoint {
    std::string url;
    std::string unix_socket;  ///< the path in "unix:/path", else ""
    std::string token;
};
[[nodiscard]] Result<Endpoint> find_endpoint(const ClientOptions& options, const app::Environment& environment);

/// The answer's body as JSON; null if it is none.
[[nodiscard]] boost::json::value body_of(const http::ClientResponse& response);

/// Says on stderr why there was no answer and what to do; returns the exit code.
[[nodiscard]] int report(const Error& error, const std::string& url);
/// Says on stderr what the daemon refused: the problem's detail and each pointer; returns exit_refused.
[[nodiscard]] int report_refusal(const http::ClientResponse& response);
/// The lines of that, for tests.
[[nodiscard]] std::string refusal_text(const http::ClientResponse& response);

}  // namespace genq::cli
