#include "server/upstream/callback.hpp"

#include "common/crypto/encoding.hpp"
#include "common/crypto/hmac.hpp"
#include "server/upstream/fields.hpp"

namespace genq::upstream {

namespace json = boost::json;

namespace {

std::string task_id_in(const json::object& holder) {
    auto id = text_or_empty(find(holder, "taskId"));
    return id.empty() ? text_or_empty(find(holder, "task_id")) : id;
}

}  // namespace

std::optional<CallbackBody> read_callback_body(std::string_view body) {
    auto envelope = read_envelope(http::ClientResponse{200, {}, std::string(body)});
    if (!envelope) return std::nullopt;
    CallbackBody read{std::move(*envelope), ""};
    read.task_id = task_id_in(object_of(&read.envelope.data));
    if (read.task_id.empty()) {
        const auto whole = parse_json(body);
        if (whole && whole->is_object()) read.task_id = task_id_in(whole->get_object());
    }
    return read;
}

bool is_signed(std::string_view key, std::string_view task_id, std::string_view timestamp, std::string_view signature) {
    std::string message(task_id);
    message += '.';
    message += timestamp;
    return crypto::constant_time_equal(crypto::to_base64(crypto::hmac_sha256(key, message)), signature);
}

std::optional<std::string> callback_in_record(const Envelope& envelope) {
    const auto record = object_of(&envelope.data);
    for (const char* name : {"param", "paramJson", "generateParam"}) {
        const auto create = object_of(find(record, name));
        if (auto url = text_of(find(create, "callBackUrl")); url && !url->empty()) return url;
    }
    return std::nullopt;
}

bool may_be_made_by(Family family, const Envelope& envelope, std::string_view path) {
    // Not the whole URL: the address by which kie.ai reaches us may have changed since.
    if (const auto named = callback_in_record(envelope)) return named->ends_with(path);
    return family != Family::market;
}

}  // namespace genq::upstream
