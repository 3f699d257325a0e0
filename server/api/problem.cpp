#include "server/api/problem.hpp"

#include <fmt/format.h>

#include "common/core/rfc3339.hpp"
#include "common/json/writer.hpp"

namespace genq::api {

namespace {

struct Row {
    std::string_view name;
    int status;
    std::string_view title;
};

Row row(ProblemCode code) {
    switch (code) {
        case ProblemCode::invalid_json:
            return {"invalid_json", 400, "The request can't be read"};
        case ProblemCode::unauthorized:
            return {"unauthorized", 401, "A valid token is needed"};
        case ProblemCode::budget_exceeded:
            return {"budget_exceeded", 402, "The budget is used up"};
        case ProblemCode::forbidden:
            return {"forbidden", 403, "Not allowed"};
        case ProblemCode::not_found:
            return {"not_found", 404, "Not found"};
        case ProblemCode::method_not_allowed:
            return {"method_not_allowed", 405, "The method is not allowed here"};
        case ProblemCode::request_timeout:
            return {"request_timeout", 408, "The request took too long to arrive"};
        case ProblemCode::conflict:
            return {"conflict", 409, "The present state does not allow this"};
        case ProblemCode::length_required:
            return {"length_required", 411, "The body's length is missing"};
        case ProblemCode::precondition_failed:
            return {"precondition_failed", 412, "The precondition does not hold"};
        case ProblemCode::payload_too_large:
            return {"payload_too_large", 413, "The request is too large"};
        case ProblemCode::unsupported_media_type:
            return {"unsupported_media_type", 415, "The media type is not understood"};
        case ProblemCode::range_not_satisfiable:
            return {"range_not_satisfiable", 416, "The range is outside of the content"};
        case ProblemCode::misdirected:
            return {"misdirected", 421, "The request is for another host"};
        case ProblemCode::validation_failed:
            return {"validation_failed", 422, "Some values can't be used"};
        case ProblemCode::unknown_model:
            return {"unknown_model", 422, "The model is not known"};
        case ProblemCode::idempotency_conflict:
            return {"idempotency_conflict", 422, "The idempotency key belongs to another request"};
        case ProblemCode::queue_full:
            return {"queue_full", 429, "The queue is full"};
        case ProblemCode::internal:
            return {"internal", 500, "Something went wrong here"};
        case ProblemCode::upstream_unavailable:
            return {"upstream_unavailable", 502, "kie.ai can't be asked"};
        case ProblemCode::overloaded:
            return {"overloaded", 503, "Too busy"};
        case ProblemCode::storage_full:
            return {"storage_full", 507, "The disk is full"};
    }
    return {};
}

/// Amounts as the caller knows them: credits, or jobs.
struct Amounts {
    double limit, used, reserved, requested;
};

Amounts amounts_of(const OverBudget& over) {
    const double unit = over.limit == OverBudget::Limit::credits_per_day ? 1000 : 1;
    const auto in_units = [unit](std::int64_t amount) { return static_cast<double>(amount) / unit; };
    return {in_units(over.allowed), in_units(over.used), in_units(over.reserved), in_units(over.requested)};
}

void write_over(json::Writer& out, const OverBudget& over) {
    const Amounts amounts = amounts_of(over);
    out.field("budget", over.own ? "caller" : "daemon");
    out.field("limit_name", over.limit == OverBudget::Limit::credits_per_day ? "credits_per_day" : "max_queued");
    out.field("limit", amounts.limit).field("used", amounts.used);
    out.field("reserved", amounts.reserved).field("requested", amounts.requested);
    std::optional<std::string> reset_at;
    if (over.reset_at) reset_at = to_rfc3339(*over.reset_at);
    out.field("reset_at", reset_at);
}

}  // namespace

std::string_view to_string(ProblemCode code) {
    return row(code).name;
}
int status_of(ProblemCode code) {
    return row(code).status;
}

std::unexpected<Problem> refuse(ProblemCode code, std::string detail) {
    return std::unexpected(Problem{.code = code, .detail = std::move(detail)});
}

Problem invalid(std::vector<json::Fault> faults) {
    // What is said of the whole has no pointer, and is a sentence by itself.
    const auto& first = faults.front();
    std::string detail = first.pointer.empty() ? first.detail : first.pointer + " " + first.detail;
    if (faults.size() > 1) detail += "; see errors for the others";
    return {.code = ProblemCode::validation_failed, .detail = std::move(detail), .errors = std::move(faults)};
}

Problem not_found(std::string detail) {
    return {.code = ProblemCode::not_found, .detail = std::move(detail)};
}

Problem stopping() {
    // About what a restart takes.
    return {.code = ProblemCode::overloaded,
            .detail = "the daemon is stopping and takes nothing new; try again when it is back",
            .headers = {{"Retry-After", "5"}}};
}

Problem over_budget(const OverBudget& over) {
    const Amounts amounts = amounts_of(over);
    const std::string_view whose = over.own ? "this caller's budget" : "the daemon's budget";
    if (over.limit == OverBudget::Limit::max_queued) {
        return {.code = ProblemCode::queue_full,
                .detail = fmt::format("{} allows {} queued jobs, and {} are; try again when some have been submitted",
                                      whose, amounts.limit, amounts.used),
                .over = over};
    }
    return {.code = ProblemCode::budget_exceeded,
            .detail = fmt::format("{} is {} credits a day: {} are used, {} reserved, and this job may take {}; a new "
                                  "day begins at {}",
                                  whose, amounts.limit, amounts.used, amounts.reserved, amounts.requested,
                                  over.reset_at ? to_rfc3339(*over.reset_at) : "midnight"),
            .over = over};
}

http::Response to_response(const Problem& problem, int status) {
    const Row about = row(problem.code);
    std::string body;
    json::Writer out(body);
    out.begin_object();
    out.field("type", "urn:genqd:error:" + std::string(about.name)).field("title", about.title);
    out.field("status", status).field("detail", std::string_view(problem.detail)).field("code", about.name);
    out.key("errors").begin_array();
    for (const auto& fault : problem.errors) {
        out.begin_object();
        out.field("pointer", std::string_view(fault.pointer)).field("detail", std::string_view(fault.detail));
        out.end_object();
    }
    out.end_array();
    if (problem.over) write_over(out, *problem.over);
    out.end_object();

    http::Response response{.status = status, .headers = problem.headers, .body = std::move(body)};
    response.headers.set("Content-Type", "application/problem+json");
    if ((status == 429 || status == 503) && !response.headers.has("Retry-After")) {
        response.headers.set("Retry-After", status == 429 ? "5" : "1");
    }
    return response;
}

http::Response to_response(const Problem& problem) {
    return to_response(problem, status_of(problem.code));
}

Problem from_error(const Error& error) {
    switch (error.code) {
        case errc::not_found:
            return not_found("there is no such thing");
        case errc::conflict:
            return {.code = ProblemCode::conflict, .detail = error.detail};
        case errc::already_exists:
            return {.code = ProblemCode::idempotency_conflict, .detail = error.detail};
        case errc::storage_full:
            return {.code = ProblemCode::storage_full, .detail = "the disk is full; nothing was changed"};
        case errc::busy:
            return {.code = ProblemCode::overloaded, .detail = "too many requests wait for the database"};
        case errc::unreachable:
        case errc::tls:
        case errc::connection_lost:
        case errc::timeout:
            return {.code = ProblemCode::upstream_unavailable, .detail = "kie.ai did not answer"};
        case errc::forbidden:
            return {.code = ProblemCode::upstream_unavailable, .detail = "kie.ai refuses the API key"};
        case errc::malformed:
        case errc::unsupported:
            return {.code = ProblemCode::upstream_unavailable, .detail = "kie.ai's answer can't be read"};
        case errc::invalid_argument:
        case errc::canceled:
        case errc::too_large:
        case errc::corrupt:
        case errc::io:
            return {.code = ProblemCode::internal, .detail = "see the daemon's log"};
    }
    return {.code = ProblemCode::internal, .detail = "see the daemon's log"};
}

}  // namespace genq::api
