#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/core/random.hpp"
#include "common/http/server.hpp"
#include "server/api/problem.hpp"
#include "server/api/tokens.hpp"
#include "server/domain/job.hpp"

namespace genq::api {

/// Who asks.
struct Caller {
    std::string name = "anonymous";
    Scopes scopes;
    /// `submit` without `read`: sees its own jobs only.
    [[nodiscard]] bool sees_own_only() const { return !scopes.has(Scope::read); }
    [[nodiscard]] bool may_see(std::string_view owner) const { return !sees_own_only() || owner == name; }
};

/// One request on its way through the API. Lives in Api::handle() until the answer is made.
struct Context {
    http::Request request;
    bool is_head = false;
    std::string request_id;             ///< the caller's, if it sent a sane one
    std::string traceparent;            ///< W3C Trace Context, or ""
    std::string tracestate;             ///< what came beside it, or ""
    std::string host;                   ///< of an absolute target, else of the Host field: "name:port"
    std::vector<std::string> segments;  ///< of the path, decoded
    std::vector<std::pair<std::string, std::string>> parameters;  ///< of the query, decoded
    std::vector<std::string> captures;                            ///< what the route's {…} stand for
    Caller caller;
    std::string job;        ///< the job it is about, for the log
    std::string job_trace;  ///< that job's traceparent, likewise
    std::string batch;      ///< the batch it is about, likewise
    std::size_t jobs = 0;   ///< how many it accepted, if it may be several; likewise

    /// It is about that job.
    void is_about(const Job& one) {
        job = one.id.text();
        job_trace = one.traceparent;
    }
    /// The method that decides the route: GET for HEAD.
    [[nodiscard]] std::string_view method() const { return is_head ? "GET" : std::string_view(request.method); }
};

/// Takes over a request; the target is read by read_target().
[[nodiscard]] Context make_context(http::Request request, Random& random);

/// Fills segments and parameters. invalid_json (400) for a target that is none.
[[nodiscard]] Checked<void> read_target(Context& context);

/// True for 1–128 characters of `[A-Za-z0-9._-]`.
[[nodiscard]] bool is_sane_request_id(std::string_view text);

/// All fields of that name as one list (RFC 9110 §5.3); "" when there is none.
[[nodiscard]] std::string joined(const http::Fields& fields, std::string_view name);

}  // namespace genq::api
