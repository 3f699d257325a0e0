#pragma once
#include <cstdint>
#include <span>

#include "server/domain/job.hpp"
#include "server/tracing/span.hpp"

namespace genq::tracing {

/// The traceparent of a job that nobody's trace led to: its trace is the job's id read as a number, its span the root
/// of what job_trace() tells of the job's first run. So log lines and webhooks lead to it before it is told.
[[nodiscard]] std::string own_traceparent(JobId id);

/// A job that another one refers to, and whose trace leads to it.
struct Awaited {
    JobId id;
    std::string traceparent;
};

/// The trace of a job that ended with the event `end`: "job <model>" from its acceptance, or from where it was taken up
/// again if it had ended before, to that end, and below it what came in between, one after the other (DESIGN.md,
/// "Traces"). `history` has all of its events, in their order. Its trace is that of the job's traceparent, else of its
/// own one, in which later runs stand below the first; it is linked with those of the jobs that it waited for. Span ids
/// follow from job and event, so the same end always gives the same spans. Nothing that a caller wrote is in it but the
/// model's name. Empty if the traceparent's sender does not record its trace, and if the event is no end. Pure.
[[nodiscard]] Spans job_trace(const Job& job, std::span<const JobEvent> history, std::int64_t end,
                              std::span<const Awaited> awaited = {});

}  // namespace genq::tracing
