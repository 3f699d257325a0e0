#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/http/transport.hpp"
#include "server/sandbox/families.hpp"

namespace genq::sandbox {

/// `url` if callbacks can go there; "" for what is no http(s) URL, or names a host that stands for none (RFC 2606:
/// example.com and its like, .example, .invalid, .test).
[[nodiscard]] std::string callback_target(const std::string& url);

/// When a task calls back.
struct CallbackStep {
    SteadyTime when{};
    CallbackPoint point = CallbackPoint::end;
};

/// The calls that a task will make, in order; none without a target, or when it never ends.
[[nodiscard]] std::vector<CallbackStep> callback_steps(const Task& task);

/// One call as it goes out: JSON, and with `hmac_key` the headers X-Webhook-Timestamp and X-Webhook-Signature, base64
/// of HMAC-SHA256 over "<task id>.<unix seconds>" (docs.kie.ai, webhook verification).
[[nodiscard]] http::ClientRequest callback_request(Workshop& shop, const Task& task, CallbackPoint point, Moment now,
                                                   const std::string& origin);

}  // namespace genq::sandbox
