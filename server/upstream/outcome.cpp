#include "server/upstream/outcome.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>

#include "common/core/check.hpp"
#include "server/upstream/fields.hpp"
#include "server/upstream/wording.hpp"

namespace genq::upstream {
namespace {

using http::Written;

/// What an answer that is not kie.ai's was, for people. Its text is left out: a proxy's page may quote the request.
std::string describe(const http::ClientResponse& response) {
    if (response.body.empty()) return fmt::format("HTTP {} without a body", response.status);
    return fmt::format("HTTP {} without a body of kie.ai's ({} bytes)", response.status, response.body.size());
}

/// Without proof of the contrary a request that left whole may have made a task; one that did not, can't have.
CreateVerdict without_proof(Written written) {
    return written == Written::fully ? CreateVerdict::unknown : CreateVerdict::unreachable;
}

/// Cloudflare's codes for an origin that it could not connect to: the request did not get through.
bool is_unreached_origin(int status) {
    return status == 521 || status == 523 || status == 525 || status == 526;
}

CreateVerdict unreadable_create(const http::ClientResponse& response, Written written, bool last_endpoint) {
    const int status = response.status;
    if (is_unreached_origin(status)) return CreateVerdict::unreachable;
    switch (status) {
        case 401:
            return CreateVerdict::auth;
        case 402:
            return CreateVerdict::credits;
        case 403:
            return response.body.empty() ? CreateVerdict::unreachable : CreateVerdict::auth;
        case 404:
        case 405:
            return last_endpoint ? CreateVerdict::rejected : CreateVerdict::wrong_endpoint;
        case 413:
            return CreateVerdict::rejected;
        case 429:
            return response.body.empty() ? CreateVerdict::unreachable : CreateVerdict::rate_limited;
        default:
            return without_proof(written);
    }
}

CreateVerdict refused_create(int code, const std::string& message, Written written, bool last_endpoint) {
    switch (code) {
        case 401:
        case 403:
            return CreateVerdict::auth;
        case 402:
        case 433:
            return CreateVerdict::credits;
        case 404:
            return last_endpoint || speaks_of_subject(message) ? CreateVerdict::rejected
                                                               : CreateVerdict::wrong_endpoint;
        case 405:
            if (speaks_of_rate(message)) return CreateVerdict::rate_limited;
            return last_endpoint ? CreateVerdict::rejected : CreateVerdict::wrong_endpoint;
        case 408:
            return CreateVerdict::server_error;  // the provider's silence, not the job's fault
        case 429:
            return speaks_of_credits(message) ? CreateVerdict::credits : CreateVerdict::rate_limited;
        case 430:
        case 550:
            return CreateVerdict::rate_limited;
        case 455:
            return CreateVerdict::maintenance;
        case 500:
            return speaks_of_field(message) ? CreateVerdict::rejected : CreateVerdict::server_error;
        case 505:
            return CreateVerdict::rejected;
        default:
            break;
    }
    if (is_unreached_origin(code)) return CreateVerdict::unreachable;
    if (code >= 400 && code < 500) return CreateVerdict::rejected;
    if (code >= 500 && code < 600) return CreateVerdict::server_error;
    return without_proof(written);  // 200 without a task id among them
}

std::string task_id_in(const Envelope& envelope) {
    if (!envelope.data.is_object()) return {};
    const auto& data = envelope.data.get_object();
    const auto* id = find(data, "taskId");
    if (id == nullptr) id = find(data, "recordId");
    return text_or_empty(id);
}

/// A task id proves a task when the body says 200, and beside a server error too: its record tells the rest. Refusals
/// may repeat the caller's own ids.
bool proves_task(const Envelope& envelope) {
    const int code = envelope.deciding_code();
    return envelope.code == 200 || (code >= 500 && code < 600 && code != 505 && code != 550);
}

CreateOutcome read_create_answer(const http::ClientResponse& response, Written written, bool last_endpoint) {
    CreateOutcome outcome;
    outcome.retry_after = http::retry_after(response.headers);
    const auto envelope = read_envelope(response);
    if (!envelope) {
        outcome.verdict = unreadable_create(response, written, last_endpoint);
        outcome.code = response.status;
        outcome.message = describe(response);
        outcome.client_refused = response.status == 403 && outcome.verdict == CreateVerdict::auth;
        return outcome;
    }
    const int code = envelope->deciding_code();
    outcome.code = code;
    outcome.message = envelope->message;
    if (auto id = task_id_in(*envelope); !id.empty() && proves_task(*envelope)) {
        outcome.verdict = CreateVerdict::created;
        outcome.task_id = std::move(id);
        return outcome;
    }
    outcome.verdict = refused_create(code, envelope->message, written, last_endpoint);
    outcome.own_cap = code == 433;
    return outcome;
}

/// True when `data` tells a task's state or result: that is believed before the envelope's code.
bool carries_state(const Envelope& envelope) {
    if (!envelope.data.is_object()) return false;
    const auto& data = envelope.data.get_object();
    return std::ranges::any_of(std::array{"state", "status", "successFlag", "resultUrls", "resultUrl"},
                               [&](const char* name) { return find(data, name) != nullptr; });
}

QueryVerdict unreadable_query(const http::ClientResponse& response, bool last_endpoint) {
    switch (response.status) {
        case 401:
            return QueryVerdict::auth;
        case 403:
            return response.body.empty() ? QueryVerdict::failed : QueryVerdict::auth;
        case 404:
        case 405:
            return last_endpoint ? QueryVerdict::failed : QueryVerdict::wrong_endpoint;
        case 429:
            return QueryVerdict::rate_limited;
        default:
            return QueryVerdict::failed;
    }
}

QueryVerdict query_verdict(const Envelope& envelope, bool last_endpoint) {
    if (carries_state(envelope)) return QueryVerdict::answered;
    switch (envelope.deciding_code()) {
        case 200:
            return envelope.data.is_null() ? QueryVerdict::not_visible : QueryVerdict::answered;
        case 401:
        case 403:
            return QueryVerdict::auth;
        case 404:
            return last_endpoint || speaks_of_subject(envelope.message) ? QueryVerdict::not_visible
                                                                        : QueryVerdict::wrong_endpoint;
        case 405:
            if (speaks_of_rate(envelope.message)) return QueryVerdict::rate_limited;
            return last_endpoint ? QueryVerdict::failed : QueryVerdict::wrong_endpoint;
        case 429:
        case 430:
        case 550:
            return QueryVerdict::rate_limited;
        case 400:
        case 422:
            return speaks_of_missing_record(envelope.message) ? QueryVerdict::not_visible : QueryVerdict::answered;
        // Some families answer so for a task that is dead; the family says what it means.
        case 408:
        case 413:
        case 451:
        case 501:
        case 505:
        case 531:
            return QueryVerdict::answered;
        default:
            return QueryVerdict::failed;
    }
}

}  // namespace

std::string_view to_string(CreateVerdict verdict) {
    switch (verdict) {
        case CreateVerdict::created:
            return "created";
        case CreateVerdict::rate_limited:
            return "rate_limited";
        case CreateVerdict::auth:
            return "auth";
        case CreateVerdict::credits:
            return "credits";
        case CreateVerdict::maintenance:
            return "maintenance";
        case CreateVerdict::rejected:
            return "rejected";
        case CreateVerdict::server_error:
            return "server_error";
        case CreateVerdict::unreachable:
            return "unreachable";
        case CreateVerdict::wrong_endpoint:
            return "wrong_endpoint";
        case CreateVerdict::unknown:
            return "unknown";
    }
    check_failed("a CreateVerdict has a name");
}

CreateOutcome classify_create(const http::Exchange& exchange, bool last_endpoint) {
    if (exchange.answer) return read_create_answer(*exchange.answer, exchange.written, last_endpoint);
    CreateOutcome outcome;
    outcome.verdict = without_proof(exchange.written);
    outcome.message = exchange.answer.error().detail;
    return outcome;
}

std::string_view to_string(QueryVerdict verdict) {
    switch (verdict) {
        case QueryVerdict::answered:
            return "answered";
        case QueryVerdict::rate_limited:
            return "rate_limited";
        case QueryVerdict::auth:
            return "auth";
        case QueryVerdict::not_visible:
            return "not_visible";
        case QueryVerdict::failed:
            return "failed";
        case QueryVerdict::wrong_endpoint:
            return "wrong_endpoint";
    }
    check_failed("a QueryVerdict has a name");
}

QueryOutcome classify_query(const http::Exchange& exchange, bool last_endpoint) {
    QueryOutcome outcome;
    if (!exchange.answer) {
        outcome.verdict = QueryVerdict::failed;
        outcome.message = exchange.answer.error().detail;
        return outcome;
    }
    outcome.retry_after = http::retry_after(exchange.answer->headers);
    outcome.envelope = read_envelope(*exchange.answer);
    if (!outcome.envelope) {
        outcome.verdict = unreadable_query(*exchange.answer, last_endpoint);
        outcome.message = describe(*exchange.answer);
        return outcome;
    }
    outcome.verdict = query_verdict(*outcome.envelope, last_endpoint);
    outcome.message = outcome.envelope->message;
    return outcome;
}

}  // namespace genq::upstream
