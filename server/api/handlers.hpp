#pragma once
#include <boost/asio/awaitable.hpp>

#include "common/http/server.hpp"

namespace genq::api {

struct Core;
struct Context;

// One for each line of the route table. They run on the connection's strand; the context outlives the call.
using Answer = boost::asio::awaitable<http::Response>;

/// POST /v1/jobs
[[nodiscard]] Answer create_job(Core& core, Context& context);
/// POST /v1/files
[[nodiscard]] Answer create_file(Core& core, Context& context);
[[nodiscard]] Answer create_batch(Core& core, Context& context);
/// POST /v1/jobs/bulk
[[nodiscard]] Answer bulk_jobs(Core& core, Context& context);
[[nodiscard]] Answer get_batch(Core& core, Context& context);
[[nodiscard]] Answer list_jobs(Core& core, Context& context);
[[nodiscard]] Answer get_job(Core& core, Context& context);
/// GET /v1/jobs/{id}/events
[[nodiscard]] Answer job_events(Core& core, Context& context);
/// GET /v1/events
[[nodiscard]] Answer all_events(Core& core, Context& context);
[[nodiscard]] Answer cancel_job(Core& core, Context& context);
[[nodiscard]] Answer retry_job(Core& core, Context& context);
[[nodiscard]] Answer delete_job(Core& core, Context& context);
[[nodiscard]] Answer list_deliveries(Core& core, Context& context);
/// POST /v1/jobs/{id}/deliveries/{n}/redeliver
[[nodiscard]] Answer redeliver(Core& core, Context& context);
[[nodiscard]] Answer list_outputs(Core& core, Context& context);
[[nodiscard]] Answer get_output(Core& core, Context& context);
[[nodiscard]] Answer get_thumbnail(Core& core, Context& context);
[[nodiscard]] Answer get_blob(Core& core, Context& context);
[[nodiscard]] Answer get_signed_blob(Core& core, Context& context);
[[nodiscard]] Answer list_models(Core& core, Context& context);
[[nodiscard]] Answer get_model(Core& core, Context& context);
[[nodiscard]] Answer get_queue(Core& core, Context& context);
[[nodiscard]] Answer queue_history(Core& core, Context& context);
[[nodiscard]] Answer pause_queue(Core& core, Context& context);
[[nodiscard]] Answer resume_queue(Core& core, Context& context);
[[nodiscard]] Answer get_credits(Core& core, Context& context);
[[nodiscard]] Answer get_usage(Core& core, Context& context);
/// POST /v1/callbacks/{job}/{token}
[[nodiscard]] Answer take_callback(Core& core, Context& context);
[[nodiscard]] Answer healthz(Core& core, Context& context);
[[nodiscard]] Answer readyz(Core& core, Context& context);
[[nodiscard]] Answer get_metrics(Core& core, Context& context);
[[nodiscard]] Answer openapi(Core& core, Context& context);
/// GET /
[[nodiscard]] Answer dashboard_page(Core& core, Context& context);
/// GET /reference
[[nodiscard]] Answer reference_page(Core& core, Context& context);
/// GET /assets/{name}
[[nodiscard]] Answer dashboard_asset(Core& core, Context& context);

}  // namespace genq::api
