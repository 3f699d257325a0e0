#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/http/message.hpp"
#include "server/api/problem.hpp"
#include "server/api/query.hpp"
#include "server/domain/job.hpp"

/// Events as text/event-stream has them (WHATWG HTML §9.2). Pure functions.
namespace genq::api {

/// "id: 12\nevent: job.queued\ndata: {…}\n\n".
[[nodiscard]] std::string event_text(const JobEvent& event);

/// A comment, and nothing that a client's program sees; with `id` its next Last-Event-ID is that.
[[nodiscard]] std::string comment_text(std::optional<std::int64_t> id);

/// `event: reset`: before this there were events that the client will not see. It stands behind event `id` now.
[[nodiscard]] std::string reset_text(std::int64_t id);

/// True if `Accept` names text/event-stream, and not with q=0.
[[nodiscard]] bool accepts_events(const http::Fields& headers);

/// The field Last-Event-ID; without it the parameter `last_event_id`, for clients that can't send fields. nullopt: none
/// is there, or an empty one. What is no id of an event is a fault of the query.
[[nodiscard]] std::optional<std::int64_t> read_last_event_id(const http::Fields& headers, Query& query);

}  // namespace genq::api
