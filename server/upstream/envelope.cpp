#include <boost/json/object.hpp>

#include "server/upstream/fields.hpp"
#include "server/upstream/outcome.hpp"

namespace genq::upstream {
namespace {

bool is_success_status(int status) {
    return status >= 200 && status < 300;
}

}  // namespace

int Envelope::deciding_code() const {
    if (!code) return http_status;
    if (*code == 200 && !is_success_status(http_status)) return http_status;
    return *code;
}

bool Envelope::ok() const {
    return is_success_status(http_status) && code == 200;
}

std::optional<Envelope> read_envelope(const http::ClientResponse& response) {
    auto body = parse_json(response.body);
    if (!body || !body->is_object()) return std::nullopt;
    auto& object = body->get_object();
    const auto code = integer_of(find(object, "code"));
    // Without a code it is somebody else's JSON: a gateway's problem document, a proxy's error.
    if (!code) return std::nullopt;

    Envelope envelope;
    envelope.http_status = response.status;
    envelope.code = code;
    const auto* message = find(object, "msg");
    if (message == nullptr) message = find(object, "message");  // one early page prints this name
    envelope.message = text_or_empty(message);
    if (auto* data = object.if_contains("data")) envelope.data = std::move(*data);
    return envelope;
}

}  // namespace genq::upstream
