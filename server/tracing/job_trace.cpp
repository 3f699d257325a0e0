#include "server/tracing/job_trace.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "common/core/rfc3339.hpp"
#include "common/crypto/encoding.hpp"
#include "common/crypto/sha256.hpp"
#include "common/http/trace_context.hpp"

namespace genq::tracing {

namespace {

// Of a job that was sent again and again: its first spans and its last.
constexpr std::size_t most_children = 128;
constexpr std::size_t most_links = 128;

/// Builds the spans of one run of a job, from its acceptance or resumption to an end.
class Run {
  public:
    /// `anew`: the job had ended before.
    Run(const Job& job, std::int64_t end, WallTime start, bool anew) : job_(job), end_(end), from_(start) {
        Span& root = spans_.emplace_back();
        const auto own = own_traceparent(job.id);
        const bool is_own = job.traceparent.empty() || job.traceparent == own;
        const auto from = http::read_traceparent(is_own ? own : job.traceparent);
        root.trace_id = from.trace_id;
        root.remote_parent = !is_own;
        root.span_id = anew ? span_id(0) : http::read_traceparent(own).span_id;
        if (!is_own || anew) root.parent_id = from.span_id;
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
        if (status_) add_phase(*status_, *status, at, event, creates);
        // An acceptance takes the moment between the job's id and its event along.
        if (status_ || is_terminal(*status)) from_ = at;
        status_ = status;
        if (status == JobStatus::queued) waits_for_ = queue_reason_from(event.detail);
    }

    void link(std::span<const Awaited> awaited) {
        for (const Awaited& one : awaited.first(std::min(awaited.size(), most_links))) {
            const auto own = http::read_traceparent(own_traceparent(one.id));
            const auto trace = one.traceparent.empty() ? own : http::read_traceparent(one.traceparent);
            if (!trace.sampled) continue;  // it is not told
            spans_.front().links.push_back({trace.trace_id, own.span_id, {{"genqd.job.id", one.id.text()}}});
        }
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
    void add_phase(JobStatus status, JobStatus next, WallTime at, const JobEvent& event, int creates) {
        const auto since = event.since;
        // Where the daemon's own wait begins that the event tells of; `at` where it tells of none.
        const WallTime wait = since ? std::clamp(*since, from_, at) : at;
        switch (status) {
            case JobStatus::queued: {
                const WallTime ready = std::clamp(std::max(wait, job_.scheduled_at.value_or(wait)), from_, at);
                Span& queued = add("queued", SpanKind::internal, from_, ready);
                if (waits_for_)
                    queued.attributes.emplace_back("genqd.queue.reason", std::string(to_string(*waits_for_)));
                if (job_.scheduled_at && *job_.scheduled_at > from_) {
                    queued.attributes.emplace_back("genqd.job.scheduled_at", to_rfc3339(*job_.scheduled_at));
                }
                end_with(next, queued);
                if (since) add("limiter wait", SpanKind::internal, ready, at);
                return;
            }
            case JobStatus::submitting: {
                Span& create = add("create", SpanKind::client, from_, at);
                create.attributes.emplace_back("genqd.attempt", std::int64_t{creates});
                end_with(next, create);
                if (next == JobStatus::queued) fail_as(create, "create_failed");
                return;
            }
            case JobStatus::generating: {
                Span& generate = add("generate", SpanKind::client, from_, wait);
                end_with(next, generate);
                if (next == JobStatus::queued) fail_as(generate, to_string(JobErrorCode::generation_failed));
                if (since) add("notice lag", SpanKind::internal, wait, at);
                return;
            }
            case JobStatus::downloading:
                end_with(next, add("download", SpanKind::client, from_, at));
                return;
            case JobStatus::succeeded:
            case JobStatus::failed:
            case JobStatus::canceled:
                return;  // a run ends with it
        }
    }

    /// What the job did then led to that.
    void end_with(JobStatus next, Span& span) const {
        if (next == JobStatus::failed) blame(span);
    }

    void blame(Span& span) const {
        span.failed = true;
        if (!job_.error) return;
        span.error = to_string(job_.error->code);
        fail_as(span, span.error);
    }

    static void fail_as(Span& span, std::string_view type) {
        span.failed = true;
        span.attributes.emplace_back("error.type", std::string(type));
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
    }

    const Job& job_;
    const std::int64_t end_;
    Spans spans_;
    std::optional<JobStatus> status_;
    std::optional<QueueReason> waits_for_;  // of a queued one, where its event tells
    WallTime from_;                         // since when it is that
};

bool ends(const JobEvent& event) {
    const auto status = job_status_from(event.name);
    return status && is_terminal(*status);
}

}  // namespace

std::string own_traceparent(JobId id) {
    Ulid number;
    (void)Ulid::parse(id.text(), number);
    const auto digest = crypto::sha256(id.text());
    return fmt::format("00-{:016x}{:016x}-{}-01", number.high, number.low,
                       crypto::to_hex(std::span(digest).first<8>()));
}

Spans job_trace(const Job& job, std::span<const JobEvent> history, std::int64_t end, std::span<const Awaited> awaited) {
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
    Run run(job, end, anew ? first->at : std::min(first->at, job.created_at), anew);
    for (auto event = first; event <= last; ++event) {
        run.take(*event, creates);
        count(*event);
    }
    run.link(awaited);
    return std::move(run).finish();
}

}  // namespace genq::tracing
