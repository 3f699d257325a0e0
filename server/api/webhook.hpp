#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "common/json/object_reader.hpp"
#include "server/api/dto.hpp"
#include "server/domain/job.hpp"

namespace genq::api {

/// The member `webhook` of a job's body, if it has one. Faults for what is no http(s) URL and no event, and, unless
/// `taken`, for any: without secrets nothing could be signed.
[[nodiscard]] std::optional<Webhook> read_webhook(json::ObjectReader& reader, bool taken,
                                                  std::vector<json::Fault>& faults);

/// What a webhook's receiver is sent: the event, its time and the job resource as it was then (Standard Webhooks,
/// "Payload structure").
[[nodiscard]] std::string event_body(std::string_view event, const JobView& view);

}  // namespace genq::api
