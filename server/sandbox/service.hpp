#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "server/sandbox/callbacks.hpp"
#include "server/sandbox/limit.hpp"

namespace genq::sandbox {

/// What is to be done with a request.
struct Reply {
    http::Response response;
    std::chrono::milliseconds delay{0};  ///< before the response goes out
    bool hang = false;                   ///< no response at all
    std::vector<std::string> made;       ///< ids of tasks that this request made
    std::string fetch_url;               ///< not "": fetch this, then call resume()
};

/// The whole stand-in without sockets and clocks: a request and a time go in, a reply comes out. One thread at a time.
class Service {
  public:
    /// `options.time_scale` > 0. `random` makes ids and signing keys; `ledger` may be read by other threads meanwhile.
    Service(Options options, Random& random, LedgerBook& ledger);

    /// `base_url` begins media URLs in callbacks, and in answers to requests without a Host header.
    void set_base_url(std::string base_url) { base_url_ = std::move(base_url); }
    [[nodiscard]] Reply handle(const http::Request& request, Moment now);
    /// The second half of a request whose reply asked for a fetch. Does not count again.
    [[nodiscard]] Reply resume(const http::Request& request, const Fetched& fetched, Moment now);

    /// When and what a task calls back; an unknown id has no steps.
    [[nodiscard]] std::vector<CallbackStep> steps(const std::string& task_id);
    [[nodiscard]] http::ClientRequest callback(const std::string& task_id, CallbackPoint point, Moment now);
    /// Delivery was given up: some families show that in the task's record.
    void callback_failed(const std::string& task_id);

  private:
    [[nodiscard]] Reply handle_api(const http::Request& request, const http::Target& target, Moment now);
    [[nodiscard]] Reply run(const Route& route, const http::Request& request, const http::Target& target, Moment now,
                            const Fetched* fetched);
    [[nodiscard]] Reply handle_admin(const http::Request& request, const std::string& path);
    [[nodiscard]] bool may_pass(const http::Request& request) const;

    Workshop shop_;
    LedgerBook& ledger_;
    SlidingWindow arrivals_;
    SlidingWindow admitted_;
    std::string base_url_;
};

}  // namespace genq::sandbox
