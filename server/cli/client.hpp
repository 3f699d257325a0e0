#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "common/core/clock.hpp"
#include "common/core/error.hpp"
#include "common/http/transport.hpp"

namespace genq::cli {

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
    std::string about = {};  ///< what a refusal is of, where a command asks for several
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

/// The answer's body as JSON; null if it is none.
[[nodiscard]] boost::json::value body_of(const http::ClientResponse& response);

/// A body, or the exit code after saying on stderr what went wrong.
using Answer = std::expected<boost::json::value, int>;
/// What came of a call: a 2xx answer's JSON object (null for 204).
[[nodiscard]] Answer answer_of(const Client& client, const Call& call, const Result<http::ClientResponse>& response);
/// Sends a call and takes its answer so.
[[nodiscard]] Answer ask(Client& client, const Call& call);

/// Says on stderr why there was no answer and what to do; returns the exit code.
[[nodiscard]] int report(const Error& error, const std::string& url);
/// Says on stderr what the daemon refused; returns exit_refused.
[[nodiscard]] int report_refusal(const http::ClientResponse& response, const Call& call = {});
/// The lines of that, for tests: the problem's detail and each pointer, with options in the place of members.
[[nodiscard]] std::string refusal_text(const http::ClientResponse& response, const Call& call = {});

}  // namespace genq::cli
