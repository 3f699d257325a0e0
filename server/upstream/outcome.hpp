#pragma once
#include <boost/json/value.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "common/http/transport.hpp"

namespace genq::upstream {

/// kie.ai's envelope, read with tolerance: `{"code", "msg" | "message", "data"}`, numbers as text too.
struct Envelope {
    int http_status = 0;
    std::optional<int> code;  // of the body, if the body is kie.ai's envelope
    std::string message;
    boost::json::value data;  // null if absent
    /// The code that decides: the body's if there is one (when HTTP is not 2xx and the body says 200, HTTP's), else
    /// HTTP's.
    [[nodiscard]] int deciding_code() const;
    /// HTTP 2xx and code 200.
    [[nodiscard]] bool ok() const;
};

/// nullopt when the body is not kie.ai's envelope (HTML of a proxy, empty, broken JSON). Never throws, whatever the
/// bytes.
[[nodiscard]] std::optional<Envelope> read_envelope(const http::ClientResponse& response);

/// What a create's answer proves (DESIGN.md, "Submission").
enum class CreateVerdict {
    created,         ///< there is a task id
    rate_limited,    ///< 429, 430, 550: not created; hold for a window, no attempt counted
    auth,            ///< 401, 403: not created; hold all creates
    credits,         ///< 402, 433, or a 429 about credits: not created; hold
    maintenance,     ///< 455: not created; hold for minutes
    rejected,        ///< 4xx of this job's own making: failed for good
    server_error,    ///< 5xx with kie.ai's body: not created; retry, counted
    unreachable,     ///< no connection, not fully written, 521/523/525/526, a body-less 403 or 429: not created; retry,
                     ///< never counted
    wrong_endpoint,  ///< 405, or a 404 that names neither task, model nor record: not created; the family's next
                     ///< endpoint
    unknown,         ///< fully written and no readable answer: it may exist and be charged
};
[[nodiscard]] std::string_view to_string(CreateVerdict verdict);

struct CreateOutcome {
    CreateVerdict verdict{};
    std::string task_id;      // created only
    std::optional<int> code;  // kie.ai's, if any
    std::string message;      // kie.ai's words, or what went wrong on the way; no secrets
    std::optional<std::chrono::seconds> retry_after;
    bool own_cap = false;         // 433: the key's own cap, probed more slowly
    bool client_refused = false;  // a plain Cloudflare 403: a fault of this client, not of the key
};

/// The whole table of what an exchange of a create proves, in one pure function. `last_endpoint`: there is no further
/// endpoint to try (or this one has worked before), so that a 404 is final.
[[nodiscard]] CreateOutcome classify_create(const http::Exchange& exchange, bool last_endpoint);

/// What a query's answer is good for, apart from the task's own state.
enum class QueryVerdict {
    answered,  ///< `envelope` is there to be read by the family
    rate_limited,
    auth,
    not_visible,  ///< unknown task, or "recordInfo is null": no failure within the grace
    failed,       ///< network, 5xx, unreadable: ask again later
    wrong_endpoint,
};
[[nodiscard]] std::string_view to_string(QueryVerdict verdict);

struct QueryOutcome {
    QueryVerdict verdict{};
    std::optional<Envelope> envelope;
    std::string message;
    std::optional<std::chrono::seconds> retry_after;
};

/// The same for a query: pure, and no body makes it throw. A task's state in `data` is believed before the code.
[[nodiscard]] QueryOutcome classify_query(const http::Exchange& exchange, bool last_endpoint);

/// What a person can do about an upstream code (kie.ai's advice): 402 → where to top up. "" if there is nothing to say.
[[nodiscard]] std::string advice_for(int code);

}  // namespace genq::upstream
