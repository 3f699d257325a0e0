#include "server/front/envelope.hpp"

#include "common/json/writer.hpp"

namespace genq::front {

http::Response envelope(int code, std::string_view msg, std::string_view data) {
    std::string body;
    json::Writer out(body);
    out.begin_object().field("code", code).field("msg", msg).key("data").json(data).end_object();
    return {.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)};
}

int code_of(api::ProblemCode code) {
    switch (code) {
        case api::ProblemCode::queue_full:
        case api::ProblemCode::storage_full:
        case api::ProblemCode::overloaded:
        case api::ProblemCode::upstream_unavailable:
            return 455;
        case api::ProblemCode::forbidden:
            return 401;  // kie.ai knows one word for a bearer that may not
        case api::ProblemCode::invalid_json:
        case api::ProblemCode::unauthorized:
        case api::ProblemCode::budget_exceeded:
        case api::ProblemCode::not_found:
        case api::ProblemCode::method_not_allowed:
        case api::ProblemCode::request_timeout:
        case api::ProblemCode::conflict:
        case api::ProblemCode::length_required:
        case api::ProblemCode::precondition_failed:
        case api::ProblemCode::payload_too_large:
        case api::ProblemCode::unsupported_media_type:
        case api::ProblemCode::range_not_satisfiable:
        case api::ProblemCode::misdirected:
        case api::ProblemCode::validation_failed:
        case api::ProblemCode::unknown_model:
        case api::ProblemCode::idempotency_conflict:
        case api::ProblemCode::internal:
            return api::status_of(code);
    }
    return 500;
}

No no_of(const api::Problem& problem) {
    return {code_of(problem.code), problem.detail};
}

http::Response upload_refusal(const No& no) {
    std::string body;
    json::Writer out(body);
    out.begin_object().field("success", false).field("code", no.code).field("msg", no.msg);
    out.field("data", nullptr).end_object();
    return {.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)};
}

http::Response refusal(std::string_view target, const api::Problem& problem) {
    const No no = no_of(problem);
    auto response = target.starts_with("/api/file-") ? upload_refusal(no) : refusal(no);
    // The challenge and Allow belong to the statuses that the envelope stands for.
    if (const auto wait = problem.headers.find("Retry-After")) response.headers.add("Retry-After", std::string(*wait));
    return response;
}

}  // namespace genq::front
