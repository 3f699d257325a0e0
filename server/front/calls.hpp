#pragma once
#include <string>

#include "server/front/task.hpp"

namespace genq::front {

/// The body of kie.ai's call for a task that has ended, in its family's own shape.
[[nodiscard]] std::string call_body(const Task& task);

/// The value of `X-Webhook-Signature`: base64 of HMAC-SHA256 over "<task id>.<unix seconds>".
[[nodiscard]] std::string call_signature(std::string_view key, std::string_view task_id, std::string_view timestamp);

}  // namespace genq::front
