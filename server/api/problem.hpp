#pragma once
#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/error.hpp"
#include "common/http/server.hpp"
#include "common/json/object_reader.hpp"
#include "server/domain/budget.hpp"

namespace genq::api {

/// Every `code` that a problem may have (API.md).
enum class ProblemCode : std::uint8_t {
    invalid_json,
    unauthorized,
    budget_exceeded,
    forbidden,
    not_found,
    method_not_allowed,
    request_timeout,
    conflict,
    length_required,
    precondition_failed,
    payload_too_large,
    unsupported_media_type,
    range_not_satisfiable,
    misdirected,
    validation_failed,
    unknown_model,
    idempotency_conflict,
    queue_full,
    upstream_unavailable,
    overloaded,
    storage_full,
    internal,
};
inline constexpr std::array all_problem_codes{ProblemCode::invalid_json,
                                              ProblemCode::unauthorized,
                                              ProblemCode::budget_exceeded,
                                              ProblemCode::forbidden,
                                              ProblemCode::not_found,
                                              ProblemCode::method_not_allowed,
                                              ProblemCode::request_timeout,
                                              ProblemCode::conflict,
                                              ProblemCode::length_required,
                                              ProblemCode::precondition_failed,
                                              ProblemCode::payload_too_large,
                                              ProblemCode::unsupported_media_type,
                                              ProblemCode::range_not_satisfiable,
                                              ProblemCode::misdirected,
                                              ProblemCode::validation_failed,
                                              ProblemCode::unknown_model,
                                              ProblemCode::idempotency_conflict,
                                              ProblemCode::queue_full,
                                              ProblemCode::upstream_unavailable,
                                              ProblemCode::overloaded,
                                              ProblemCode::storage_full,
                                              ProblemCode::internal};

[[nodiscard]] std::string_view to_string(ProblemCode code);
/// The HTTP status that goes with a code.
[[nodiscard]] int status_of(ProblemCode code);

/// Why a request is refused (RFC 9457).
struct Problem {
    ProblemCode code{};
    std::string detail;                 ///< a sentence for people; of 5xx it says nothing of the inside
    std::vector<json::Fault> errors{};  ///< what is wrong where, if that is known
    http::Fields headers{};             ///< Allow, Retry-After, WWW-Authenticate, Content-Range
    std::optional<OverBudget> over{};   ///< members of their own: limit, allowed, used, reserved, requested, reset_at
};

template <class T>
using Checked = std::expected<T, Problem>;

/// `return refuse(…)` in a function that returns a Checked.
[[nodiscard]] std::unexpected<Problem> refuse(ProblemCode code, std::string detail);
/// validation_failed with these faults; at least one.
[[nodiscard]] Problem invalid(std::vector<json::Fault> faults);
[[nodiscard]] Problem not_found(std::string detail);
/// overloaded: the daemon drains.
[[nodiscard]] Problem stopping();

/// budget_exceeded for credits, queue_full for jobs that wait.
[[nodiscard]] Problem over_budget(const OverBudget& over);

/// The answer that says it: `application/problem+json`. 429 and 503 get a Retry-After if they have none.
[[nodiscard]] http::Response to_response(const Problem& problem);
/// The same with a status that the code does not have itself: what the session refuses (417, 431, 501).
[[nodiscard]] http::Response to_response(const Problem& problem, int status);

/// What callers are told of a failure of the store, the blob store or the engine. `conflict` and `already_exists` keep
/// their sentence, which is written for callers; the rest does not.
[[nodiscard]] Problem from_error(const Error& error);

}  // namespace genq::api
