#pragma once
#include <boost/asio/awaitable.hpp>
#include <optional>

#include "server/api/core.hpp"
#include "server/api/job_body.hpp"
#include "server/api/request_context.hpp"
#include "server/store/job_store.hpp"

namespace genq::api {

/// Accepts a job with what it refers to, on disk when this returns, and wakes the engine; or finds the one that its key
/// has made (`replayed`). Sets context.job. validation_failed for references, budget_exceeded, queue_full, and the
/// store's errors. On the connection's strand.
[[nodiscard]] boost::asio::awaitable<Checked<store::Accepted>> accept_job(Core& core, Context& context, ReadJob read,
                                                                          std::optional<store::IdempotencyKey> key);

}  // namespace genq::api
