#pragma once
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/error.hpp"

namespace genq::sandbox {

/// What a scripted fault does.
enum class FaultAction {
    status,        ///< answers with an HTTP status and a body of one's own; nothing is done
    code,          ///< answers HTTP 200 with kie.ai's `code` and `msg`; nothing is done
    reset_before,  ///< the connection is reset; nothing is done
    reset_after,   ///< the request is carried out, then the connection is reset
    hang,          ///< the request is carried out; no answer comes
    empty,         ///< the request is carried out; 200 with an empty body
    html,          ///< the request is carried out; 502 with a page of HTML
    delay_ms,      ///< the request is carried out and answered `ms` later
    fail_task,     ///< the new task will fail with `code` and `msg`
    stuck,         ///< the new task never ends
    no_result,     ///< the new task ends well, but without a URL
    not_visible,   ///< the new task can't be polled for the first `ms`
    truncate,      ///< a media body is cut in its middle
    expired,       ///< a media URL is answered by 403
};

/// When an action is looked for.
enum class FaultStage { request, task, media };

/// One scripted fault. Empty match fields match everything; a path that ends with `*` matches what begins so.
struct Fault {
    std::string path;
    std::string model;
    std::string family;
    int times = 1;  ///< how often it strikes; -1 for always
    int after = 0;  ///< so many matching requests pass first
    FaultAction action = FaultAction::status;
    int status = 500;  ///< HTTP status of `status`
    std::string body;  ///< body of `status`, sent as JSON if it looks like it
    int code = 500;    ///< of `code` and `fail_task`
    std::string msg = "Server Error - An unexpected error occurred while processing the request";
    std::chrono::milliseconds ms{0};  ///< of `delay_ms` and `not_visible`; real time, not scaled
};

/// Reads the list of `POST /_sandbox/faults`; an object alone counts as a list of one. errc::invalid_argument names the
/// entry and what is wrong with it.
[[nodiscard]] Result<std::vector<Fault>> parse_faults(const boost::json::value& list);

/// What a fault can match.
struct FaultSubject {
    std::string_view path;
    std::string_view model;
    std::string_view family;
};

/// The faults that are still to strike. One thread at a time.
class FaultBook {
  public:
    void add(std::vector<Fault> faults);
    void clear() { faults_.clear(); }
    [[nodiscard]] std::size_t size() const { return faults_.size(); }
    /// The first fault of this stage that matches and is due; it is used up by that. Faults that match but let requests
    /// pass first count this one.
    [[nodiscard]] std::optional<Fault> take(FaultStage stage, const FaultSubject& subject);
    /// As `GET /_sandbox/faults` shows them.
    [[nodiscard]] boost::json::array to_json() const;

  private:
    std::vector<Fault> faults_;
};

}  // namespace genq::sandbox
