#pragma once
#include <atomic>

#include "server/api/event_stream.hpp"
#include "server/api/http_metrics.hpp"
#include "server/api/intake.hpp"
#include "server/api/options.hpp"
#include "server/api/routes.hpp"
#include "server/api/services.hpp"
#include "server/api/state_metrics.hpp"

namespace genq::api {

/// What all handlers share.
struct Core {
    Core(Services s, Options o, const Mount& m)
        : services(std::move(s)),
          options(std::move(o)),
          mount(m),
          http_metrics(services.metrics, mount.routes),
          state_metrics(services.metrics, options.version),
          stream_metrics(services.metrics),
          intake(services.store, services.clock, options.max_queued) {}

    Services services;
    const Options options;
    const Mount mount;
    HttpMetrics http_metrics;
    StateMetrics state_metrics;
    StreamMetrics stream_metrics;
    Intake intake;
    std::atomic<bool> draining{false};
};

}  // namespace genq::api
