#include "server/tracing/job_trace.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "common/crypto/encoding.hpp"
#include "common/crypto/sha256.hpp"
#include "common/http/trace_context.hpp"

namespace genq::tracing {

namespace {

// Of a job that was sent again and again: its first spans and its last.
constexpr std::size_t most_children = 128;

/// Builds the spans of one run of a job, from its acceptance or resumption to an end.
class Run {
  public:
    Run(const Job& job, std::int64_t end, WallTime start) : job_(job), end_(end), from_(start) {
        Span& root = spans_.emplace_back();
        if (job.traceparent.empty()) {
            Ulid id;
            (void)Ulid::parse(job.id.text(), id);
            root.trace_id = fmt::format("{:016x}{:016x}", id.high, id.low);
        } else {
            const auto caller = http::read_traceparent(job.traceparent);
            root.trace_id = caller.trace_id;
            root.parent_id = caller.span_id;
            root.remote_parent = true;
        }
        root.span_id = span_id(0);
        root.trace_state = job.tracestate;
        root.name = "job " + job.model;
        root.kind = SpanKind::consumer;
        root.start = start;
    }

    /// The job's next event. One about what goes on already changes nothing.
    void take(const JobEvent& event, int creates) {
        const auto status = job_status_from(event.name);
        if (!status || status == status_) return;
        // The wall clock may have been set back meanwhile.
        const WallTime at = std::max(event.at, from_);
        if (status_) add_phase(*status_, *status, at, event.since, creates);
        // An acceptance takes the moment between the job's id and its event along.
        if (status_ || is_terminal(*status)) from_ = at;
        status_ = status;
    }

    [[nodiscard]] Spans finish() && {
        describe(spans_.front());
        if (const auto children = spans_.size() - 1; children > most_children) {
            const auto left_out = static_cast<std::ptrdiff_t>(children - most_children);
            const auto first = spans_.begin() + 1 + static_cast<std::ptrdiff_t>(most_children / 2);
            spans_.erase(first, first + left_out);
            spans_.front().attributes.emplace_back("genqd.spans_left_out", std::int64_t{left_out});
        }
        return std::move(spans_);
    }

  private:
    [[nodiscard]] std::string span_id(std::size_t index) const {
        const auto digest = crypto::sha256(fmt::format("{}/{}/{}", job_.id.text(), end_, index));
        return crypto::to_hex(std::span(digest).first<8>());
    }

    Span& add(std::string name, SpanKind kind, WallTime start, WallTime end) {
        Span span;
        span.trace_id = spans_.front().trace_id;
        span.span_id = span_id(spans_.size());
        span.parent_id = spans_.front().span_id;
        span.trace_state = job_.tracestate;
        span.name = std::move(name);
        span.kind = kind;
        span.start = start;
        span.end = end;
        return spans_.emplace_back(std::move(span));
    }

    /// From from_ to `at` the job was `status`, and then `next`.
    void add_phase(JobStatus status, JobStatus next, WallTime at, std::optional<WallTime> since, int creates) {
        // Where the daemon's own wait begins that the event tells of; `at` where it tells of none.
        const WallTime wait = since ? std::clamp(*since, from_, at) : at;
        switch (status) {
            case JobStatus::queued: {
                const WallTime ready = std::clamp(std::max(wait, job_.scheduled_at.value_or(wait)), from_, at);
                end_with(next, add("queued", SpanKind::internal, from_, ready));
                if (since) add("limiter wait", SpanKind::internal, ready, at);
                return;
            }
            case JobStatus::submitting: {
                Span& create = add("create", SpanKind::client, from_, at);
                create.attributes.emplace_back("genqd.attempt", std::int64_t{creates});
                end_with(next, create);
                return;
            }
            case JobStatus::generating:
                end_with(next, add("generate", SpanKind::client, from_, wait));
                if (since) add("notice lag", SpanKind::internal, wait, at);
                return;
            case JobStatus::downloading:
                end_with(next, add("download", SpanKind::client, from_, at));
                return;
            case JobStatus::succeeded:
            case JobStatus::failed:
            case JobStatus::canceled:
                return;  // a run ends with it
        }
    }

    /// What the job did then led to that: nothing came of it if it is queued again.
    void end_with(JobStatus next, Span& span) const {
        if (next == JobStatus::queued) span.failed = true;
        if (next == JobStatus::failed) blame(span);
    }

    void blame(Span& span) const {
        span.failed = true;
        if (job_.error) span.error = to_string(job_.error->code);
    }

    void describe(Span& root) const {
        root.end = from_;
        const auto say = [&root](const char* name, AttributeValue value) {
            root.attributes.emplace_back(name, std::move(value));
        };
        say("genqd.job.id", job_.id.text());
        say("genqd.job.model", job_.model);
        say("genqd.job.family", std::string(to_string(job_.family)));
        say("genqd.job.kind", job_.kind);
        say("genqd.job.status", std::string(to_string(*status_)));
        say("genqd.job.attempts", std::int64_t{job_.attempts});
        say("genqd.job.polls", std::int64_t{job_.polls});
        say("genqd.job.outputs", static_cast<std::int64_t>(job_.outputs.size()));
        say("genqd.job.billed", std::string(to_string(job_.billed)));
        if (job_.credits) say("genqd.job.credits", *job_.credits);
        if (status_ != JobStatus::failed) return;
        blame(root);
        if (!root.error.empty()) say("error.type", root.error);
    }

    const Job& job_;
    const std::int64_t end_;
    Spans spans_;
    std::optional<JobStatus> status_;
    WallTime from_;  // since when it is that
};

bool ends(const JobEvent& event) {
    const auto status = job_status_from(event.name);
    return status && is_terminal(*status);
}

}  // namespace

Spans job_trace(const Job& job, std::span<const JobEvent> history, std::int64_t end) {
    if (!job.traceparent.empty() && !http::read_traceparent(job.traceparent).sampled) return {};
    const auto last = std::ranges::find(history, end, &JobEvent::id);
    if (last == history.end() || !ends(*last)) return {};
    auto first = last;
    while (first != history.begin() && !ends(*std::prev(first))) --first;
    // Of a job that has ended an event may tell more, which is no new end.
    if (first == last && first != history.begin()) return {};
    int creates = 0;
    const auto count = [&creates](const JobEvent& event) { creates += event.name == to_string(JobStatus::submitting); };
    std::for_each(history.begin(), first, count);
    const bool anew = first != history.begin();
    Run run(job, end, anew ? first->at : std::min(first->at, job.created_at));
    for (auto event = first; event <= last; ++event) {
        run.take(*event, creates);
        count(*event);
    }
    return std::move(run).finish();
}

}  // namespace genq::tracing
